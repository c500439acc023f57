# loopguard: complete
#
# Reads the first bytes. Gone in Python 3.13.

@blocks("file", stall="inode")
def what(filename): ...
@blocks("file", stall="inode")
def whathdr(filename): ...
