# loopguard: complete
#
# A thread works on a copy of the context: what it sets is gone when it ends. One of an executor has none at all.

class ContextVar:
    @needs("context-read")
    def get(self, default=..., /): ...
    @needs("context")
    def set(self, value, /): ...
    @needs("context")
    def reset(self, token, /): ...
