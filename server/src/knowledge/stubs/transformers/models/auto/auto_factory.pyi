# Weights are read from disk, after they were downloaded once.

from typing import Any

from transformers.modeling_utils import PreTrainedModel

class _BaseAutoModelClass:
    @classmethod
    @blocks("file", stall="whole-file")
    def from_pretrained(cls, pretrained_model_name_or_path, *model_args, **kwargs) -> PreTrainedModel: ...
