from typing import Any

class Embeddings:
    @blocks("http")
    @twin("mistralai.client.embeddings.Embeddings.create_async", differs="create_async()")
    def create(self, *, model, inputs, **kwargs) -> Any: ...
    async def create_async(self, *, model, inputs, **kwargs) -> Any: ...
