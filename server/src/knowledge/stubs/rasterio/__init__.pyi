from typing import Any

@blocks("file", stall="inode")
def open(fp, mode="r", **kwargs) -> Any: ...
