# loopguard: complete

class BaseSelector:
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    @twin("loop.add_reader", differs="the loop waits and calls back; add_writer() for writing")
    def select(self, timeout=None): ...

class DefaultSelector:
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    @twin("loop.add_reader", differs="the loop waits and calls back; add_writer() for writing")
    def select(self, timeout=None): ...

class SelectSelector:
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    @twin("loop.add_reader", differs="the loop waits and calls back; add_writer() for writing")
    def select(self, timeout=None): ...

class PollSelector:
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    @twin("loop.add_reader", differs="the loop waits and calls back; add_writer() for writing")
    def select(self, timeout=None): ...

class EpollSelector:
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    @twin("loop.add_reader", differs="the loop waits and calls back; add_writer() for writing")
    def select(self, timeout=None): ...

class DevpollSelector:
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    @twin("loop.add_reader", differs="the loop waits and calls back; add_writer() for writing")
    def select(self, timeout=None): ...

class KqueueSelector:
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    @twin("loop.add_reader", differs="the loop waits and calls back; add_writer() for writing")
    def select(self, timeout=None): ...
