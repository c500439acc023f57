# loopguard: complete

from typing import Any

@blocks("cpu", stall="large-input", gil="held")
def packb(o, **kwargs) -> bytes: ...
@blocks("cpu", stall="large-input", gil="held")
def unpackb(packed, **kwargs) -> Any: ...
