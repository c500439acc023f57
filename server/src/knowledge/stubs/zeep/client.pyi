# Making a client loads the description of the service.

from typing import Any, Self

class Client:
    @blocks("http")
    @twin("zeep.AsyncClient", differs="its operations are awaited; making it still waits")
    def __init__(self, wsdl, wsse=None, transport=None, **kwargs): ...
    def __enter__(self) -> Self: ...
class AsyncClient:
    @blocks("http")
    def __init__(self, wsdl, wsse=None, transport=None, **kwargs): ...
