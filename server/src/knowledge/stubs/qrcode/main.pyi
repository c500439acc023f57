from typing import Any

@blocks("cpu", stall="large-input", gil="held")
def make(data=None, **kwargs) -> Any: ...
