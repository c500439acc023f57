# loopguard: complete

from MySQLdb.connections import Connection

@blocks("database")
@twin("aiomysql.connect", differs="the connection and its cursors are awaited")
def connect(*args, **kwargs) -> Connection: ...
@blocks("database")
@twin("aiomysql.connect", differs="the connection and its cursors are awaited")
def Connect(*args, **kwargs) -> Connection: ...
