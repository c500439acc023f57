from typing import Any

@blocks("cpu", gil="released")
def transcribe(model, audio, *, verbose=None, **kwargs) -> Any: ...
