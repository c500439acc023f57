# loopguard: complete

from typing import Any

class ManagedIdentityCredential:
    def __init__(self, **kwargs): ...
    @blocks("http")
    @twin("azure.identity.aio.ManagedIdentityCredential.get_token")
    def get_token(self, *scopes, **kwargs) -> Any: ...
