# loopguard: complete

def atomic(using=None, savepoint=True, durable=False) -> Atomic: ...

class Atomic:
    def __enter__(self): ...
    # Leaving the block commits or rolls back.
    @needs("own-thread")
    @blocks("database", stall="raises")
    def __exit__(self, exc_type, exc_value, traceback): ...
