# A manager is a process of its own; what its proxies do is sent to it and waited for, under names settled at run time.

class BaseManager:
    @blocks("process", stall="spawn")
    def start(self, initializer: Runs["process"] = None, initargs=()): ...
    @blocks("wait")
    def connect(self): ...

class Server:
    @blocks("wait", stall="never")
    def serve_forever(self): ...
