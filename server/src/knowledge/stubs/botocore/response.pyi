# loopguard: complete

from collections.abc import Iterator

class StreamingBody:
    @blocks("http")
    def read(self, amt=None) -> bytes: ...
    @blocks("http", when="iterated")
    def iter_chunks(self, chunk_size=1024) -> Iterator[bytes]: ...
    @blocks("http", when="iterated")
    def iter_lines(self, chunk_size=1024, keepends=False) -> Iterator[bytes]: ...
