# loopguard: complete

class netrc:
    @blocks("file", stall="inode")
    def __init__(self, file=None): ...
