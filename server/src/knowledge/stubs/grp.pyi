# loopguard: complete
#
# The database is a file on most machines, and a server of the network on some.

@blocks("file", stall="inode")
def getgrnam(name, /): ...
@blocks("file", stall="inode")
def getgrgid(id, /): ...
@blocks("file", stall="inode")
def getgrall(): ...
