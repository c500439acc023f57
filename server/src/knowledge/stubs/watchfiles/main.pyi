# loopguard: complete

from collections.abc import AsyncIterator, Iterator
from typing import Any

@blocks("wait", when="iterated")
@twin("watchfiles.awatch", differs="`async for`")
def watch(*paths, **kwargs) -> Iterator[Any]: ...
def awatch(*paths, **kwargs) -> AsyncIterator[Any]: ...
