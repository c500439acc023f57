# loopguard: complete

from asyncpg.connection import Connection as Connection
from asyncpg.pool import Pool as Pool

async def connect(dsn=None, *, host=None, port=None, user=None, password=None, database=None, **kwargs) -> Connection: ...
def create_pool(dsn=None, *, min_size=10, max_size=10, **connect_kwargs) -> Pool: ...
