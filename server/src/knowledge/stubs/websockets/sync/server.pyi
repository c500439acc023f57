# loopguard: complete
#
# A thread for each connection. Binding a port waits for nobody; serving does.

from websockets.sync.connection import Connection

class ServerConnection(Connection): ...

class Server:
    @blocks("network", stall="never")
    @twin("websockets.asyncio.server.Server.serve_forever", differs="of an asyncio server")
    def serve_forever(self) -> None: ...
    def shutdown(self, code=1001, reason=""): ...

def serve(handler: Runs["thread"], host=None, port=None, **kwargs) -> Server: ...
