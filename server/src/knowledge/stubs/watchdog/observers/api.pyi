# loopguard: complete
#
# A thread; joining it waits for stop().

from threading import Thread

class BaseObserver(Thread):
    def __init__(self, *args, **kwargs): ...
    def schedule(self, event_handler, path, recursive=False): ...
    def stop(self): ...
