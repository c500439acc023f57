# loopguard: complete
#
# The timeout of select() and epoll counts seconds, that of poll() milliseconds.

@blocks("wait", timeout=3, unless="timeout == 0")
@twin("loop.add_reader", differs="the loop waits and calls back; add_writer() for writing")
def select(rlist, wlist, xlist, timeout=None, /): ...

class poll:
    @blocks("wait", unless="timeout == 0")
    def poll(self, timeout=None, /): ...

class epoll:
    @blocks("wait", timeout="timeout", unless="timeout == 0")
    def poll(self, timeout=None, maxevents=-1): ...

class kqueue:
    @blocks("wait", timeout=2, unless="timeout == 0")
    def control(self, changelist, maxevents, timeout=None, /): ...
