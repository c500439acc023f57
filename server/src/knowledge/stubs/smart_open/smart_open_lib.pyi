# loopguard: complete

from typing import Any

@blocks("network")
def open(uri, mode="r", **kwargs) -> Any: ...
