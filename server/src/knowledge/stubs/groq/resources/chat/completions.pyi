from typing import Any

class Completions:
    @blocks("http", timeout="timeout")
    @twin("groq.AsyncGroq", differs="the same method of an AsyncGroq client, awaited")
    def create(self, *, messages, model, timeout=..., **kwargs) -> Any: ...
