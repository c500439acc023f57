from typing import Any

class Figure:
    def __init__(self, figsize=None, **kwargs): ...
    # Draws in Python, as long as there is much to draw.
    @blocks("cpu", stall="large-input", gil="held")
    def savefig(self, fname, **kwargs) -> None: ...
