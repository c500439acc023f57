from typing import Any

@blocks("cpu", gil="held")
def solve(f, *symbols, **flags) -> Any: ...
