# loopguard: complete

class Waiter:
    @blocks("http")
    def wait(self, **kwargs) -> None: ...
