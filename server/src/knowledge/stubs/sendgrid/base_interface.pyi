from typing import Any

class BaseInterface:
    @blocks("http")
    def send(self, message) -> Any: ...
