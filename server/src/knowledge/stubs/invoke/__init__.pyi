from typing import Any

from invoke.context import Context as Context

@blocks("process")
@twin("asyncio.create_subprocess_shell", differs="gives a process; what it prints is read with communicate()")
def run(command, **kwargs) -> Any: ...
