from typing import Any

@blocks("cpu")
def solve_ivp(fun: Runs["now"], t_span, y0, method="RK45", **kwargs) -> Any: ...
