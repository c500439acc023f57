# loopguard: complete

from typing import overload

from celery.app.base import Celery as Celery
from celery.app.base import _MakesTask
from celery.app.task import Task

@blocks("overload")
def shared_task(fun, /) -> Task: ...
@blocks("overload")
def shared_task(*args, **kwargs) -> _MakesTask: ...
