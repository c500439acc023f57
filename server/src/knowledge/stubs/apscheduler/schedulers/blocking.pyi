from apscheduler.schedulers.background import BackgroundScheduler

class BlockingScheduler(BackgroundScheduler):
    @blocks("wait", stall="never")
    @twin("apscheduler.schedulers.asyncio.AsyncIOScheduler.start", differs="returns at once")
    def start(self, *args, **kwargs): ...
