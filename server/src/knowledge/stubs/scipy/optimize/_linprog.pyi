from typing import Any

@blocks("cpu")
def linprog(c, A_ub=None, b_ub=None, **kwargs) -> Any: ...
