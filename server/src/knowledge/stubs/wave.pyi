# loopguard: complete

@blocks("file", stall="inode")
def open(f, mode=None): ...

class Wave_read:
    @blocks("file")
    def readframes(self, nframes): ...

class Wave_write:
    @blocks("file")
    def writeframes(self, data): ...
    @blocks("file")
    def writeframesraw(self, data): ...
