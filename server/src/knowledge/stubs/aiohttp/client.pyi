# loopguard: complete
#
# What a request gives: awaited, or entered with async with.

from typing import Any, Generator, Generic, TypeVar

from aiohttp import ClientResponse

_T = TypeVar("_T")

class _BaseRequestContextManager(Generic[_T]):
    def __await__(self) -> Generator[Any, None, _T]: ...
    async def __aenter__(self) -> _T: ...

class _SessionRequestContextManager:
    async def __aenter__(self) -> ClientResponse: ...
