from transformers.pipelines import pipeline as pipeline
from transformers.pipelines.base import Pipeline as Pipeline
