# loopguard: complete

from aiomysql.connection import Connection as Connection
from aiomysql.cursors import Cursor as Cursor

def connect(host="localhost", user=None, password="", db=None, port=3306, **kwargs): ...
def create_pool(minsize=1, maxsize=10, **kwargs): ...
