# loopguard: complete
#
# Between two attempts plain functions sleep, coroutines in asyncio.sleep().

@blocks("sleep", when="decorated")
def on_exception(wait_gen, exception, **kwargs) -> Decorates["now"]: ...
@blocks("sleep", when="decorated")
def on_predicate(wait_gen, predicate=..., **kwargs) -> Decorates["now"]: ...
