from typing import Any

class Http:
    def __init__(self, cache=None, timeout=None, **kwargs): ...
    @blocks("http")
    @twin("aiohttp.ClientSession.request", differs="of an aiohttp session; the body is awaited")
    def request(self, uri, method="GET", body=None, headers=None, **kwargs) -> Any: ...
