# loopguard: complete
#
# Every statement may read pages from disk, sync them, or wait for another writer (5 s by default). Cursors, row
# factories and registered functions cost nothing to make. Connections and what comes from them belong to the thread that
# opened them (check_same_thread).

@blocks("database", unless="database == ':memory:'")
@twin("aiosqlite.connect", remedy="sqlite-to-aiosqlite", differs="other tasks run between two statements, and may write")
def connect(database, timeout=5.0): ...

@needs("own-thread")
class Connection:
    @blocks("database", unless="database == ':memory:'")
    @twin("aiosqlite.connect", remedy="sqlite-to-aiosqlite")
    def __init__(self, database, timeout=5.0): ...
    @blocks("database")
    @twin("aiosqlite.Connection.execute", remedy="sqlite-to-aiosqlite")
    def execute(self, sql, parameters=..., /): ...
    @blocks("database")
    @twin("aiosqlite.Connection.executemany", remedy="sqlite-to-aiosqlite")
    def executemany(self, sql, parameters, /): ...
    @blocks("database")
    @twin("aiosqlite.Connection.executescript", remedy="sqlite-to-aiosqlite")
    def executescript(self, sql_script, /): ...
    @blocks("database")
    @twin("aiosqlite.Connection.commit", remedy="sqlite-to-aiosqlite")
    def commit(self): ...
    @blocks("database")
    @twin("aiosqlite.Connection.rollback", remedy="sqlite-to-aiosqlite")
    def rollback(self): ...
    @blocks("database")
    @twin("aiosqlite.Connection.backup", remedy="sqlite-to-aiosqlite")
    def backup(self, target, *, pages=-1, progress: Runs["now"] = None, name="main", sleep=0.25): ...
    # The one thing that another thread may do.
    @needs()
    def interrupt(self): ...
    @blocks("database", when="iterated")
    @twin("aiosqlite.Connection.iterdump", remedy="sqlite-to-aiosqlite")
    def iterdump(self, *, filter=None): ...
    # Leaving the block commits or rolls back.
    @blocks("database")
    def __exit__(self, type, value, traceback, /): ...

@needs("own-thread")
class Cursor:
    @blocks("database")
    @twin("aiosqlite.Cursor.execute", remedy="sqlite-to-aiosqlite")
    def execute(self, sql, parameters=(), /): ...
    @blocks("database")
    @twin("aiosqlite.Cursor.executemany", remedy="sqlite-to-aiosqlite")
    def executemany(self, sql, seq_of_parameters, /): ...
    @blocks("database")
    @twin("aiosqlite.Cursor.executescript", remedy="sqlite-to-aiosqlite")
    def executescript(self, sql_script, /): ...
    @blocks("database")
    @twin("aiosqlite.Cursor.fetchone", remedy="sqlite-to-aiosqlite")
    def fetchone(self): ...
    @blocks("database")
    @twin("aiosqlite.Cursor.fetchmany", remedy="sqlite-to-aiosqlite")
    def fetchmany(self, size=1): ...
    @blocks("database")
    @twin("aiosqlite.Cursor.fetchall", remedy="sqlite-to-aiosqlite")
    def fetchall(self): ...
    @blocks("database")
    def __next__(self): ...

@needs("own-thread")
class Blob:
    @blocks("database")
    def read(self, length=-1, /): ...
    @blocks("database")
    def write(self, data, /): ...
