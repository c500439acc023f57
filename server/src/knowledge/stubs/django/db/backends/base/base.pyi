# loopguard: complete

from django.db.backends.utils import CursorWrapper

class BaseDatabaseWrapper:
    @needs("own-thread")
    @blocks("database", stall="raises")
    def cursor(self) -> CursorWrapper: ...
    @needs("own-thread")
    @blocks("database", stall="raises")
    def connect(self): ...
    @needs("own-thread")
    @blocks("database", stall="raises")
    def ensure_connection(self): ...
    @needs("own-thread")
    @blocks("database", stall="raises")
    def commit(self): ...
    @needs("own-thread")
    @blocks("database", stall="raises")
    def rollback(self): ...
