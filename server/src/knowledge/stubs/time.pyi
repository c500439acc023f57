# loopguard: complete

@blocks("sleep", seconds=0)
@twin("asyncio.sleep", remedy="asyncio-sleep")
def sleep(seconds, /): ...
