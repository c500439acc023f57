# loopguard: complete

from curl_cffi.requests.session import AsyncSession as AsyncSession
from curl_cffi.requests.session import Session as Session

@blocks("http", timeout="timeout")
@twin("curl_cffi.requests.AsyncSession.request", differs="of an AsyncSession")
def request(method, url, **kwargs): ...
@blocks("http", timeout="timeout")
@twin("curl_cffi.requests.AsyncSession.get", differs="of an AsyncSession")
def get(url, **kwargs): ...
@blocks("http", timeout="timeout")
@twin("curl_cffi.requests.AsyncSession.post", differs="of an AsyncSession")
def post(url, **kwargs): ...
@blocks("http", timeout="timeout")
def put(url, **kwargs): ...
@blocks("http", timeout="timeout")
def delete(url, **kwargs): ...
@blocks("http", timeout="timeout")
def head(url, **kwargs): ...
