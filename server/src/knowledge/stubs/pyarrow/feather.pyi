# loopguard: complete

from typing import Any

@blocks("file", stall="whole-file")
def read_feather(source, columns=None, **kwargs) -> Any: ...
@blocks("file", stall="whole-file")
def read_table(source, columns=None, **kwargs) -> Any: ...
@blocks("file", stall="whole-file")
def write_feather(df, dest, compression=None, **kwargs) -> None: ...
