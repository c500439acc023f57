# loopguard: complete

from websockets.sync.connection import Connection

class ClientConnection(Connection): ...

@blocks("network", timeout="open_timeout")
@twin("websockets.asyncio.client.connect", differs="entered with async with, or awaited; the connection's methods are awaited")
def connect(uri, *, open_timeout=10, **kwargs) -> ClientConnection: ...
@blocks("network")
def unix_connect(path=None, uri=None, **kwargs) -> ClientConnection: ...
