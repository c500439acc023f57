from typing import Any

class HTML:
    @blocks("cpu")
    def render(self, font_config=None, **kwargs) -> Any: ...
    @blocks("cpu")
    def write_pdf(self, target=None, zoom=1, finisher=None, **kwargs) -> bytes: ...
