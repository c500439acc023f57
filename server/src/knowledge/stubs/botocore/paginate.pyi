# loopguard: complete

from collections.abc import Iterator
from typing import Any

class Paginator:
    def paginate(self, **kwargs) -> PageIterator: ...

class PageIterator:
    @blocks("http")
    def __iter__(self) -> Iterator[dict[str, Any]]: ...
    @blocks("http")
    def build_full_result(self) -> dict[str, Any]: ...
    @blocks("http", when="iterated")
    def search(self, expression) -> Iterator[Any]: ...
