# loopguard: complete
#
# What a task does is done by a worker; called as a function, it is done here.

from typing import overload

from celery.app.task import Task
from celery.result import AsyncResult

class _MakesTask:
    def __call__(self, fun) -> Task: ...

class Celery:
    def __init__(self, main=None, broker=None, backend=None, **kwargs): ...
    @overload
    def task(self, fun, /) -> Task: ...
    @overload
    def task(self, *args, **opts) -> _MakesTask: ...
    @blocks("network")
    def send_task(self, name, args=None, kwargs=None, countdown=None, eta=None, **options) -> AsyncResult: ...
