# loopguard: complete
#
# Sending a task waits for the broker.

from celery.result import AsyncResult

class Task:
    @blocks("network")
    def delay(self, *args, **kwargs) -> AsyncResult: ...
    @blocks("network")
    def apply_async(self, args=None, kwargs=None, **options) -> AsyncResult: ...
    # Runs the task here.
    @blocks("wait")
    def apply(self, args=None, kwargs=None, **options): ...
