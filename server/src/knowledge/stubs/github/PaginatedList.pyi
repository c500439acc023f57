# loopguard: complete

from collections.abc import Iterator
from typing import Any

class PaginatedList:
    @blocks("http")
    def __iter__(self) -> Iterator[Any]: ...
    @blocks("http")
    def get_page(self, page): ...
