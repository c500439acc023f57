# loopguard: complete
#
# An interpreter has a GIL of its own and shares nothing: as good as a process.

async def run_sync(func: Runs["process"], *args, limiter=None): ...
