# loopguard: complete
#
# Taking a lock nobody holds is cheap; how long the others hold it is what the engine looks at. Semaphores, events,
# conditions and barriers wait for somebody by their nature. start(), set(), notify() and release() never wait.

class Lock:
    @blocks("wait", stall="lock", timeout="timeout", unless="blocking == False or timeout == 0")
    @twin("asyncio.Lock.acquire", remedy="thread-primitives")
    def acquire(self, blocking=True, timeout=-1): ...
    @blocks("wait", stall="lock")
    @twin("asyncio.Lock", remedy="thread-primitives")
    def __enter__(self): ...

class RLock:
    @blocks("wait", stall="lock", timeout="timeout", unless="blocking == False or timeout == 0")
    @twin("asyncio.Lock.acquire", differs="an asyncio.Lock cannot be taken twice by the same task")
    @needs("own-thread")
    def acquire(self, blocking=True, timeout=-1): ...
    @blocks("wait", stall="lock")
    @twin("asyncio.Lock", differs="an asyncio.Lock cannot be taken twice by the same task")
    def __enter__(self): ...
    @needs("own-thread")
    def release(self): ...

class Condition:
    @blocks("wait", stall="lock", timeout="timeout", unless="blocking == False or timeout == 0")
    @twin("asyncio.Condition.acquire", remedy="thread-primitives")
    @needs("own-thread")
    def acquire(self, blocking=True, timeout=-1): ...
    @blocks("wait", stall="lock")
    @twin("asyncio.Condition", remedy="thread-primitives")
    def __enter__(self): ...
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    @twin("asyncio.Condition.wait", remedy="thread-primitives")
    @needs("own-thread")
    def wait(self, timeout=None): ...
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    @twin("asyncio.Condition.wait_for", remedy="thread-primitives")
    @needs("own-thread")
    def wait_for(self, predicate: Runs["now"], timeout=None): ...
    @needs("own-thread")
    def release(self): ...

class Semaphore:
    @blocks("wait", timeout="timeout", unless="blocking == False or timeout == 0")
    @twin("asyncio.Semaphore.acquire", remedy="thread-primitives")
    def acquire(self, blocking=True, timeout=None): ...
    @blocks("wait")
    @twin("asyncio.Semaphore", remedy="thread-primitives")
    def __enter__(self): ...

class Event:
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    @twin("asyncio.Event.wait", remedy="thread-primitives")
    def wait(self, timeout=None): ...

class Barrier:
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    @twin("asyncio.Barrier.wait", remedy="thread-primitives")
    def wait(self, timeout=None): ...

class Thread:
    def __init__(self, group=None, target: Runs["thread"] = None, name=None, args=(), kwargs=None): ...
    @runs("thread")
    def run(self): ...
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    def join(self, timeout=None): ...

class Timer:
    def __init__(self, interval, function: Runs["thread"], args=None, kwargs=None): ...

# What each thread has of its own.

class local:
    @needs("thread-local")
    def __getattribute__(self, name, /): ...
    @needs("thread-local")
    def __setattr__(self, name, value, /): ...
    @needs("thread-local")
    def __delattr__(self, name, /): ...
@needs("thread-local")
def current_thread(): ...
@needs("thread-local")
def get_ident(): ...
@needs("thread-local")
def get_native_id(): ...
