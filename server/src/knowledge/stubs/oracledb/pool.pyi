# loopguard: complete

from oracledb.connection import Connection

class ConnectionPool:
    @blocks("database")
    def acquire(self, user=None, **kwargs) -> Connection: ...
    @blocks("database")
    def close(self, force=False) -> None: ...

@blocks("database")
def create_pool(dsn=None, **kwargs) -> ConnectionPool: ...
