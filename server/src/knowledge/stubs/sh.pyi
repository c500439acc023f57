# Commands are made for the names that are asked for; _bg and _async are not told apart here.

from typing import Any

class Command:
    def __init__(self, path, search_paths=None): ...
    @blocks("process")
    @twin("asyncio.create_subprocess_exec", differs="gives a process; what it prints is read with communicate()")
    def __call__(self, *args, **kwargs) -> Any: ...
