# loopguard: complete

@blocks("sleep", seconds="seconds")
@twin("asyncio.sleep", remedy="asyncio-sleep")
def sleep(seconds): ...
