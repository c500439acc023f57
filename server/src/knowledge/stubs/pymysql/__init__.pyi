# loopguard: complete

from pymysql.connections import Connection as Connection

@blocks("database")
@twin("aiomysql.connect", differs="the connection and its cursors are awaited")
def connect(*args, **kwargs) -> Connection: ...
