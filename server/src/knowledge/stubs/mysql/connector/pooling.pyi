# loopguard: complete

from mysql.connector.abstracts import MySQLConnectionAbstract

class MySQLConnectionPool:
    @blocks("database")
    def __init__(self, pool_size=5, pool_name=None, pool_reset_session=True, **kwargs): ...
    @blocks("database")
    def get_connection(self) -> MySQLConnectionAbstract: ...
