# loopguard: complete

from typing import Any

class ClientSecretCredential:
    def __init__(self, tenant_id, client_id, client_secret, **kwargs): ...
    @blocks("http")
    @twin("azure.identity.aio.ClientSecretCredential.get_token")
    def get_token(self, *scopes, **kwargs) -> Any: ...
