# loopguard: complete
#
# run() makes a loop of its own and returns when the server has ended.

@blocks("nested-loop")
@twin("uvicorn.Server.serve", differs="of uvicorn.Server(uvicorn.Config(app)), awaited on the loop that runs already")
def run(app, *, host="127.0.0.1", port=8000): ...

class Config:
    def __init__(self, app, host="127.0.0.1", port=8000): ...

class Server:
    def __init__(self, config: Config): ...
    @blocks("nested-loop")
    @twin("uvicorn.Server.serve")
    def run(self, sockets=None): ...
    async def serve(self, sockets=None) -> None: ...
