from typing import Any

class Embeddings:
    @blocks("http")
    @twin("together.AsyncTogether", differs="the same method of an AsyncTogether client, awaited")
    def create(self, *, input, model, **kwargs) -> Any: ...
