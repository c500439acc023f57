# loopguard: complete

from redshift_connector.core import Connection as Connection
from redshift_connector.cursor import Cursor as Cursor

@blocks("database", timeout="timeout")
def connect(user=None, database=None, password=None, port=None, host=None, timeout=None, **kwargs) -> Connection: ...
