from typing import Any

@blocks("cpu")
def minimize(fun: Runs["now"], x0, args=(), method=None, **kwargs) -> Any: ...
