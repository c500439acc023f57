# loopguard: complete

from typing import Any

@blocks("cpu", stall="large-input", gil="held")
def loads(obj, /) -> Any: ...
@blocks("cpu", stall="large-input", gil="held")
def dumps(obj, /, default=None, option=None) -> bytes: ...
