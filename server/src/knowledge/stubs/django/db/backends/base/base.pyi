# loopguard: complete

from django.db.backends.utils import CursorWrapper

class BaseDatabaseWrapper:
    @needs("own-thread")
    @blocks("database")
    def cursor(self) -> CursorWrapper: ...
    @needs("own-thread")
    @blocks("database")
    def connect(self): ...
    @needs("own-thread")
    @blocks("database")
    def ensure_connection(self): ...
    @needs("own-thread")
    @blocks("database")
    def commit(self): ...
    @needs("own-thread")
    @blocks("database")
    def rollback(self): ...
