from typing import Any

class Context:
    @blocks("process")
    def run(self, command, **kwargs) -> Any: ...
    @blocks("process")
    def sudo(self, command, **kwargs) -> Any: ...
