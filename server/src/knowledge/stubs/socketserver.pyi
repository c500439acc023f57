# loopguard: complete

class BaseServer:
    @blocks("network", stall="never")
    @twin("asyncio.start_server", differs="handles each connection in a coroutine")
    def serve_forever(self, poll_interval=0.5): ...
    @blocks("network")
    def handle_request(self): ...
    # Waits until serve_forever(), in another thread, has ended.
    @blocks("wait")
    def shutdown(self): ...
