from typing import Any

class Embeddings:
    @blocks("http", timeout="timeout")
    @twin("groq.AsyncGroq", differs="the same method of an AsyncGroq client, awaited")
    def create(self, *, input, model, timeout=..., **kwargs) -> Any: ...
