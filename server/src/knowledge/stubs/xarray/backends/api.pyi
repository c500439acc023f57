from typing import Any

@blocks("file")
def open_dataset(filename_or_obj, **kwargs) -> Any: ...
