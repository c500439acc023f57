from typing import Any

@blocks("file", stall="whole-file")
def load(path, *, sr=22050, mono=True, **kwargs) -> tuple[Any, float]: ...
