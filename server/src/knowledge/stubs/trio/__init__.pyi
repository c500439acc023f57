# loopguard: complete
#
# Everything is awaited; files and paths work in threads.

from contextlib import AbstractAsyncContextManager
from typing import Any

@blocks("nested-loop")
def run(async_fn: Runs["loop"], *args, clock=None, instruments=()): ...

def open_nursery(strict_exception_groups=None) -> AbstractAsyncContextManager[Nursery]: ...

class Nursery:
    def start_soon(self, async_fn: Runs["loop"], *args, name=None): ...
    async def start(self, async_fn: Runs["loop"], *args, name=None): ...

async def open_file(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None) -> Any: ...
