# loopguard: complete

from celery.result import AsyncResult

class Celery:
    def __init__(self, main=None, broker=None, backend=None, **kwargs): ...
    @blocks("network")
    def send_task(self, name, args=None, kwargs=None, countdown=None, eta=None, **options) -> AsyncResult: ...
