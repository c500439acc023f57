# loopguard: complete
#
# put() hands over to a feeder thread and waits only where a maxsize is set, which most queues have not.

class Queue:
    @blocks("wait", timeout="timeout", unless="block == False or timeout == 0")
    def get(self, block=True, timeout=None): ...
    @blocks("wait", stall="lock", timeout="timeout", unless="block == False or timeout == 0")
    def put(self, obj, block=True, timeout=None): ...
    @blocks("wait")
    def join_thread(self): ...

class JoinableQueue:
    @blocks("wait")
    def join(self): ...

class SimpleQueue:
    @blocks("wait")
    def get(self): ...
    @blocks("wait", stall="lock")
    def put(self, obj): ...
