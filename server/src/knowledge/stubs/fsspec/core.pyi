from typing import Any

# Opens when it is entered.
def open(urlpath, mode="rb", **kwargs) -> OpenFile: ...

class OpenFile:
    @blocks("file", stall="inode")
    def __enter__(self) -> Any: ...
    @blocks("file", stall="inode")
    def open(self) -> Any: ...
