# loopguard: complete

from threading import Thread

class Listener(Thread):
    def __init__(self, on_press: Runs["thread"] = None, on_release: Runs["thread"] = None, suppress=False, **kwargs): ...
    def stop(self): ...
