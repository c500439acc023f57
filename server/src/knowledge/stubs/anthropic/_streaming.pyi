# loopguard: complete

from collections.abc import Iterator
from typing import Any, Self

class Stream:
    def __enter__(self) -> Self: ...
    @blocks("http")
    def __iter__(self) -> Iterator[Any]: ...
    def close(self) -> None: ...
