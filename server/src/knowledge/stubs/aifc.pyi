# loopguard: complete
#
# Gone in Python 3.13.

@blocks("file", stall="inode")
def open(f, mode=None): ...

class Aifc_read:
    @blocks("file")
    def readframes(self, nframes): ...

class Aifc_write:
    @blocks("file")
    def writeframes(self, data): ...
    @blocks("file")
    def writeframesraw(self, data): ...
