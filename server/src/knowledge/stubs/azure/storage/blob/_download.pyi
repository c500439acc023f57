# loopguard: complete
#
# What lies beyond the first piece is fetched where it is read.

from collections.abc import Iterator
from typing import Any

class StorageStreamDownloader:
    @blocks("http")
    def readall(self) -> bytes: ...
    @blocks("http")
    def readinto(self, stream) -> int: ...
    @blocks("http", when="iterated")
    def chunks(self) -> Iterator[bytes]: ...
