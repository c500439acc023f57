# loopguard: complete

from pymysql.connections import Connection as Connection

connect = Connection
Connect = Connection
