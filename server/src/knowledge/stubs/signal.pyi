# loopguard: complete

@blocks("wait")
@twin("loop.add_signal_handler", differs="the loop calls back when the signal comes")
def pause(): ...
@blocks("wait")
@twin("loop.add_signal_handler", differs="the loop calls back when the signal comes")
def sigwait(sigset): ...
@blocks("wait")
@twin("loop.add_signal_handler", differs="the loop calls back when the signal comes")
def sigwaitinfo(sigset, /): ...
@blocks("wait", timeout=1)
@twin("loop.add_signal_handler", differs="the loop calls back when the signal comes")
def sigtimedwait(sigset, timeout, /): ...
