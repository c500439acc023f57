# loopguard: complete

class Script:
    @blocks("database")
    def __call__(self, keys=None, args=None, client=None): ...
