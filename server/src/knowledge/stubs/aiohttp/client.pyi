# loopguard: complete
#
# What a request gives: awaited, or entered with async with.

from collections.abc import Generator
from typing import Any, Generic, TypeVar

from aiohttp import ClientResponse

_T = TypeVar("_T")

class _BaseRequestContextManager(Generic[_T]):
    def __await__(self) -> Generator[Any, None, _T]: ...
    async def __aenter__(self) -> _T: ...

class _SessionRequestContextManager:
    async def __aenter__(self) -> ClientResponse: ...
