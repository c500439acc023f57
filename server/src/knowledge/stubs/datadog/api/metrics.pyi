from typing import Any

class Metric:
    @classmethod
    @blocks("http")
    def send(cls, metrics=None, attach_host_name=True, compress_payload=False, **single_metric) -> Any: ...
