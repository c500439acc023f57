# loopguard: complete

from typing import Self

class Credentials:
    @classmethod
    @blocks("file", stall="inode")
    def from_service_account_file(cls, filename, **kwargs) -> Self: ...
    @classmethod
    def from_service_account_info(cls, info, **kwargs) -> Self: ...
    @blocks("http")
    def refresh(self, request): ...
