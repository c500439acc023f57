# loopguard: complete

class Stats:
    @blocks("file")
    def dump_stats(self, filename): ...
