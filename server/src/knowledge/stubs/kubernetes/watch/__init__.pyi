# loopguard: complete

from collections.abc import Iterator
from typing import Any

class Watch:
    @blocks("http", when="iterated")
    def stream(self, func, *args, **kwargs) -> Iterator[Any]: ...
    def stop(self) -> None: ...
