from typing import Any

class AutoTokenizer:
    @classmethod
    @blocks("file", stall="whole-file")
    def from_pretrained(cls, pretrained_model_name_or_path, *inputs, **kwargs) -> Any: ...
