# loopguard: complete
#
# New in Python 3.13.

@blocks("file", stall="inode")
def open(filename, /, flag="r", mode=438): ...
