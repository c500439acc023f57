from typing import Any

@blocks("cpu")
def differential_evolution(func: Runs["now"], bounds, args=(), **kwargs) -> Any: ...
