from typing import Any

@blocks("file", unless="given(file_contents)")
def open_workbook(filename=None, *, file_contents=None, **kwargs) -> Any: ...
