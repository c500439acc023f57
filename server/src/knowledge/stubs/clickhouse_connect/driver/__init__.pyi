# loopguard: complete
#
# Making a client asks the server for its settings.

from clickhouse_connect.driver.client import Client

@blocks("database")
@twin("clickhouse_connect.get_async_client", differs="the client's methods are awaited")
def create_client(*, host=None, **kwargs) -> Client: ...
async def create_async_client(*, host=None, **kwargs): ...
