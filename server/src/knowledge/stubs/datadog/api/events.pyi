from typing import Any

class Event:
    @classmethod
    @blocks("http")
    def create(cls, attach_host_name=True, **params) -> Any: ...
