from transformers.pipelines.base import Pipeline

@blocks("file")
def pipeline(task=None, model=None, **kwargs) -> Pipeline: ...
