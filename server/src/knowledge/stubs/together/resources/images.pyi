from typing import Any

class Images:
    @blocks("http")
    @twin("together.AsyncTogether", differs="the same method of an AsyncTogether client, awaited")
    def generate(self, *, prompt, model, **kwargs) -> Any: ...
