# loopguard: complete
#
# Rows are read from the server where they are fetched, but for buffered cursors.

from mysql.connector.abstracts import MySQLConnectionAbstract

@blocks("database")
@twin("mysql.connector.aio.connect", differs="the connection and its cursors are awaited")
def connect(*args, **kwargs) -> MySQLConnectionAbstract: ...
