# loopguard: complete

from collections.abc import Iterator
from typing import Any

class SecretClient:
    def __init__(self, vault_url, credential, **kwargs): ...
    @blocks("http")
    @twin("azure.keyvault.secrets.aio.SecretClient.get_secret")
    def get_secret(self, name, version=None, **kwargs) -> Any: ...
    @blocks("http")
    @twin("azure.keyvault.secrets.aio.SecretClient.set_secret")
    def set_secret(self, name, value, **kwargs) -> Any: ...
    @blocks("http")
    def begin_delete_secret(self, name, **kwargs) -> Any: ...
    @blocks("http", when="iterated")
    def list_properties_of_secrets(self, **kwargs) -> Iterator[Any]: ...
