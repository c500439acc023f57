from typing import Any

from dspy.primitives.module import Module

class Predict(Module):
    def __init__(self, signature, callbacks=None, **config): ...
    @blocks("http")
    @twin("dspy.Predict.acall")
    def __call__(self, *args, **kwargs) -> Any: ...
    async def acall(self, *args, **kwargs) -> Any: ...
