# loopguard: complete

class scheduler:
    @blocks("sleep", unless="blocking == False")
    @twin("loop.call_later", differs="the loop keeps the times: no run() is needed")
    def run(self, blocking=True): ...
