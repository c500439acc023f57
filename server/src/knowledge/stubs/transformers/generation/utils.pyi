from typing import Any

class GenerationMixin:
    @blocks("cpu", gil="released")
    def generate(self, inputs=None, generation_config=None, **kwargs) -> Any: ...
