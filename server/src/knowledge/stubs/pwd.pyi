# loopguard: complete
#
# The database is a file on most machines, and a server of the network on some.

@blocks("file", stall="inode")
def getpwnam(name, /): ...
@blocks("file", stall="inode")
def getpwuid(uid, /): ...
@blocks("file", stall="inode")
def getpwall(): ...
