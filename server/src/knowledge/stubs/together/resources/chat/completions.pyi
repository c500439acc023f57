from typing import Any

class ChatCompletions:
    @blocks("http")
    @twin("together.AsyncTogether", differs="the same method of an AsyncTogether client, awaited")
    def create(self, *, messages, model, **kwargs) -> Any: ...
