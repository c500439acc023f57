# loopguard: complete
#
# Making a client asks the daemon for its version, unless a version is given.

from typing import Self

from docker.models.containers import ContainerCollection
from docker.models.images import ImageCollection
from docker.models.networks import NetworkCollection
from docker.models.volumes import VolumeCollection

@blocks("http")
def from_env(**kwargs) -> DockerClient: ...

class DockerClient:
    containers: ContainerCollection
    images: ImageCollection
    networks: NetworkCollection
    volumes: VolumeCollection
    @blocks("http")
    def __init__(self, *args, **kwargs): ...
    @classmethod
    @blocks("http")
    def from_env(cls, **kwargs) -> Self: ...
    @blocks("http")
    def info(self, *args, **kwargs): ...
    @blocks("http")
    def ping(self, *args, **kwargs): ...
    @blocks("http")
    def version(self, *args, **kwargs): ...
    @blocks("http")
    def df(self): ...
    @blocks("http")
    def login(self, *args, **kwargs): ...
    def close(self): ...
