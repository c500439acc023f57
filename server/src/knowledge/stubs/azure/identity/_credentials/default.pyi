# loopguard: complete

from typing import Any

class DefaultAzureCredential:
    def __init__(self, **kwargs): ...
    @blocks("http")
    @twin("azure.identity.aio.DefaultAzureCredential.get_token")
    def get_token(self, *scopes, **kwargs) -> Any: ...
