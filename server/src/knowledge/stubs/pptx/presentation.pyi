from typing import Any

class Presentation:
    slides: Any
    @blocks("file")
    def save(self, file) -> None: ...
