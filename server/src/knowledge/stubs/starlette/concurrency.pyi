# loopguard: complete

from collections.abc import AsyncIterator
from typing import Any

async def run_in_threadpool(func: Runs["thread"], *args, **kwargs) -> Any: ...
def iterate_in_threadpool(iterator: Runs["thread"]) -> AsyncIterator[Any]: ...
