from typing import Any

@blocks("http", timeout="timeout")
def download(tickers, start=None, end=None, timeout=10, **kwargs) -> Any: ...
