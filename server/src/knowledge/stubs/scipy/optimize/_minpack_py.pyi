from typing import Any

@blocks("cpu")
def curve_fit(f: Runs["now"], xdata, ydata, p0=None, **kwargs) -> Any: ...
