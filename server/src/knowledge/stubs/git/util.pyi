from typing import Generic, TypeVar

_T = TypeVar("_T")

class IterableList(list[_T], Generic[_T]):
    def __getattr__(self, attr) -> _T: ...
