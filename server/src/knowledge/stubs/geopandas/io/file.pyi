from typing import Any

@blocks("file")
def _read_file(filename, bbox=None, **kwargs) -> Any: ...
