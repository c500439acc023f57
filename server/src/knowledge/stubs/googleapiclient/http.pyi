# loopguard: complete

from typing import Any

class HttpRequest:
    @blocks("http")
    @twin("aiogoogle.Aiogoogle", differs="aiogoogle: another client for the same services")
    def execute(self, http=None, num_retries=0) -> Any: ...
    @blocks("http")
    def next_chunk(self, http=None, num_retries=0) -> Any: ...
class BatchHttpRequest:
    @blocks("http")
    def execute(self, http=None): ...
class MediaIoBaseDownload:
    @blocks("http")
    def next_chunk(self, num_retries=0) -> Any: ...
