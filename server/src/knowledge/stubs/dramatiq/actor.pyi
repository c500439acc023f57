# loopguard: complete
#
# What an actor does is done by a worker; sending waits for the broker.

from typing import Any, overload

class Actor:
    @blocks("network")
    def send(self, *args, **kwargs) -> Any: ...
    @blocks("network")
    def send_with_options(self, *, args=(), kwargs=None, delay=None, **options) -> Any: ...

class _MakesActor:
    def __call__(self, fn) -> Actor: ...

@overload
def actor(fn, /) -> Actor: ...
@overload
def actor(**kwargs) -> _MakesActor: ...
