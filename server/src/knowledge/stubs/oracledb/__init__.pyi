# loopguard: complete

from oracledb.connection import AsyncConnection as AsyncConnection
from oracledb.connection import Connection as Connection
from oracledb.connection import connect as connect
from oracledb.connection import connect_async as connect_async
from oracledb.cursor import AsyncCursor as AsyncCursor
from oracledb.cursor import Cursor as Cursor
from oracledb.pool import ConnectionPool as ConnectionPool
from oracledb.pool import create_pool as create_pool
