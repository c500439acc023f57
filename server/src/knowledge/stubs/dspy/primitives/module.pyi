from typing import Any

class Module:
    @blocks("http")
    @twin("dspy.Module.acall")
    def __call__(self, *args, **kwargs) -> Any: ...
    async def acall(self, *args, **kwargs) -> Any: ...
