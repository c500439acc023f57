# loopguard: complete
#
# Sending waits for the server, without a bound unless `timeout` is given, which limits connecting and each read. The body
# has arrived with the response, but for `stream=True`: then iterating over it waits. Sessions and responses are cheap to
# make, close and ask.

from collections.abc import Iterator
from typing import Any

@blocks("http", timeout="timeout")
@twin("aiohttp.ClientSession.request", remedy="requests-to-aiohttp")
@twin("httpx.AsyncClient.request", remedy="requests-to-httpx")
def request(method, url, **kwargs) -> Response: ...
@blocks("http", timeout="timeout")
@twin("aiohttp.ClientSession.get", remedy="requests-to-aiohttp")
@twin("httpx.AsyncClient.get", remedy="requests-to-httpx")
def get(url, params=None, **kwargs) -> Response: ...
@blocks("http", timeout="timeout")
@twin("aiohttp.ClientSession.options", remedy="requests-to-aiohttp")
@twin("httpx.AsyncClient.options", remedy="requests-to-httpx")
def options(url, **kwargs) -> Response: ...
@blocks("http", timeout="timeout")
@twin("aiohttp.ClientSession.head", remedy="requests-to-aiohttp")
@twin("httpx.AsyncClient.head", remedy="requests-to-httpx")
def head(url, **kwargs) -> Response: ...
@blocks("http", timeout="timeout")
@twin("aiohttp.ClientSession.post", remedy="requests-to-aiohttp")
@twin("httpx.AsyncClient.post", remedy="requests-to-httpx")
def post(url, data=None, json=None, **kwargs) -> Response: ...
@blocks("http", timeout="timeout")
@twin("aiohttp.ClientSession.put", remedy="requests-to-aiohttp")
@twin("httpx.AsyncClient.put", remedy="requests-to-httpx")
def put(url, data=None, **kwargs) -> Response: ...
@blocks("http", timeout="timeout")
@twin("aiohttp.ClientSession.patch", remedy="requests-to-aiohttp")
@twin("httpx.AsyncClient.patch", remedy="requests-to-httpx")
def patch(url, data=None, **kwargs) -> Response: ...
@blocks("http", timeout="timeout")
@twin("aiohttp.ClientSession.delete", remedy="requests-to-aiohttp")
@twin("httpx.AsyncClient.delete", remedy="requests-to-httpx")
def delete(url, **kwargs) -> Response: ...

def session() -> Session: ...

class Session:
    def __init__(self): ...
    def __enter__(self) -> Session: ...
    @blocks("http", timeout="timeout")
    @twin("aiohttp.ClientSession.request", remedy="requests-to-aiohttp")
    @twin("httpx.AsyncClient.request", remedy="requests-to-httpx")
    def request(self, method, url, params=None, data=None, headers=None, cookies=None, files=None, auth=None, timeout=None) -> Response: ...
    @blocks("http", timeout="timeout")
    @twin("aiohttp.ClientSession.get", remedy="requests-to-aiohttp")
    @twin("httpx.AsyncClient.get", remedy="requests-to-httpx")
    def get(self, url, **kwargs) -> Response: ...
    @blocks("http", timeout="timeout")
    @twin("aiohttp.ClientSession.options", remedy="requests-to-aiohttp")
    @twin("httpx.AsyncClient.options", remedy="requests-to-httpx")
    def options(self, url, **kwargs) -> Response: ...
    @blocks("http", timeout="timeout")
    @twin("aiohttp.ClientSession.head", remedy="requests-to-aiohttp")
    @twin("httpx.AsyncClient.head", remedy="requests-to-httpx")
    def head(self, url, **kwargs) -> Response: ...
    @blocks("http", timeout="timeout")
    @twin("aiohttp.ClientSession.post", remedy="requests-to-aiohttp")
    @twin("httpx.AsyncClient.post", remedy="requests-to-httpx")
    def post(self, url, data=None, json=None, **kwargs) -> Response: ...
    @blocks("http", timeout="timeout")
    @twin("aiohttp.ClientSession.put", remedy="requests-to-aiohttp")
    @twin("httpx.AsyncClient.put", remedy="requests-to-httpx")
    def put(self, url, data=None, **kwargs) -> Response: ...
    @blocks("http", timeout="timeout")
    @twin("aiohttp.ClientSession.patch", remedy="requests-to-aiohttp")
    @twin("httpx.AsyncClient.patch", remedy="requests-to-httpx")
    def patch(self, url, data=None, **kwargs) -> Response: ...
    @blocks("http", timeout="timeout")
    @twin("aiohttp.ClientSession.delete", remedy="requests-to-aiohttp")
    @twin("httpx.AsyncClient.delete", remedy="requests-to-httpx")
    def delete(self, url, **kwargs) -> Response: ...
    @blocks("http", timeout="timeout")
    @twin("httpx.AsyncClient.send", differs="takes an httpx.Request, made by build_request()")
    def send(self, request: PreparedRequest, **kwargs) -> Response: ...
    def prepare_request(self, request: Request) -> PreparedRequest: ...

class Request:
    def __init__(self, method=None, url=None, headers=None, files=None, data=None, params=None): ...
    def prepare(self) -> PreparedRequest: ...

class PreparedRequest: ...

class Response:
    status_code: int
    url: str
    reason: str
    encoding: str | None
    request: PreparedRequest
    def __enter__(self) -> Response: ...
    @property
    def ok(self) -> bool: ...
    @property
    def content(self) -> bytes: ...
    @property
    def text(self) -> str: ...
    @blocks("http", when="iterated")
    @twin("aiohttp.StreamReader.iter_chunked", differs="of response.content, iterated with async for")
    @twin("httpx.Response.aiter_bytes", differs="iterated with async for, inside async with client.stream()")
    def iter_content(self, chunk_size=1, decode_unicode=False) -> Iterator[bytes]: ...
    @blocks("http", when="iterated")
    @twin("httpx.Response.aiter_lines", differs="iterated with async for, inside async with client.stream()")
    def iter_lines(self, chunk_size=512, decode_unicode=False, delimiter=None) -> Iterator[bytes]: ...
    def json(self, **kwargs) -> Any: ...
    def raise_for_status(self) -> None: ...
    def close(self) -> None: ...
