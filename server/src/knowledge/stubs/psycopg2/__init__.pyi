# loopguard: complete
#
# Statements and commits wait for the server. A result has arrived when execute() returns: fetching reads memory, but for
# named cursors.

from psycopg2.extensions import connection

@blocks("database")
@twin("psycopg.AsyncConnection.connect", differs="psycopg 3: the connection and its cursors are awaited")
@twin("asyncpg.connect", differs="asyncpg: parameters are $1, $2 and rows are records")
def connect(dsn=None, connection_factory=None, cursor_factory=None, **kwargs) -> connection: ...
