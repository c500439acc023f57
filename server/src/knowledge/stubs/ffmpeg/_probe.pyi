from typing import Any

@blocks("process", timeout="timeout")
def probe(filename, cmd="ffprobe", timeout=None, **kwargs) -> dict[str, Any]: ...
