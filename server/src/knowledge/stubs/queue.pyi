# loopguard: complete
#
# put() waits only in a queue made with a maxsize, and most have none: it counts as an uncontended lock. A SimpleQueue
# has no bound at all.

class Queue:
    @blocks("wait", timeout="timeout", unless="block == False or timeout == 0")
    @twin("asyncio.Queue.get", remedy="thread-primitives")
    def get(self, block=True, timeout=None): ...
    @blocks("wait", stall="lock", timeout="timeout", unless="block == False or timeout == 0")
    @twin("asyncio.Queue.put", remedy="thread-primitives")
    def put(self, item, block=True, timeout=None): ...
    @blocks("wait")
    @twin("asyncio.Queue.join", remedy="thread-primitives")
    def join(self): ...

class SimpleQueue:
    @blocks("wait", timeout="timeout", unless="block == False or timeout == 0")
    @twin("asyncio.Queue.get", remedy="thread-primitives")
    def get(self, block=True, timeout=None): ...
