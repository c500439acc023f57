# loopguard: complete
#
# Pages are asked for while rows are iterated.

from typing import Any

class RowIterator:
    @blocks("http")
    def to_dataframe(self, **kwargs) -> Any: ...
    @blocks("http")
    def to_arrow(self, **kwargs) -> Any: ...
