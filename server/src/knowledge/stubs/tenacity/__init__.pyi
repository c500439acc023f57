# loopguard: complete
#
# Between two attempts a sync function sleeps in time.sleep(), a coroutine in asyncio.sleep(): only a sync function that
# is retried blocks, and only with a `wait`, as there is none by default.

from collections.abc import Generator
from typing import Any

@blocks("sleep", when="decorated", unless="not given(wait)")
def retry(*dargs, wait=..., **dkw) -> Decorates["now"]: ...

class Retrying:
    @blocks("sleep")
    @twin("tenacity.AsyncRetrying", differs="awaited with a coroutine function")
    def __call__(self, fn: Runs["now"], *args, **kwargs) -> Any: ...
    @blocks("sleep", when="iterated")
    @twin("tenacity.AsyncRetrying", differs="iterated with async for")
    def __iter__(self) -> Generator[Any, None, None]: ...

@never_blocks
class AsyncRetrying:
    async def __call__(self, fn: Runs["loop"], *args, **kwargs) -> Any: ...
    def __aiter__(self) -> AsyncRetrying: ...
