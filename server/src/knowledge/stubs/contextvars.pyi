# loopguard: complete
#
# A thread works on a copy of the context: what it sets is gone when it ends.

class ContextVar:
    @needs("context")
    def set(self, value, /): ...
    @needs("context")
    def reset(self, token, /): ...
