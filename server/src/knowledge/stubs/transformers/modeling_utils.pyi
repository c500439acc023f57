from typing import Self

from torch.nn.modules.module import Module
from transformers.generation.utils import GenerationMixin

class PreTrainedModel(Module, GenerationMixin):
    @classmethod
    @blocks("file", stall="whole-file")
    def from_pretrained(cls, pretrained_model_name_or_path, *model_args, **kwargs) -> Self: ...
