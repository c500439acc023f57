# Plain functions run in a thread.

class Interface:
    def __init__(self, fn: Runs["loop-or-thread"], inputs, outputs, **kwargs): ...
