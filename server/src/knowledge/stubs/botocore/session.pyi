# loopguard: complete

from botocore.client import BaseClient

def get_session(env_vars=None) -> Session: ...

class Session:
    @blocks("file", stall="inode")
    def create_client(self, service_name, region_name=None, **kwargs) -> BaseClient: ...
