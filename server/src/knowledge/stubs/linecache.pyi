# loopguard: complete
#
# A file is read once and kept.

@blocks("file", stall="once")
def getline(filename, lineno, module_globals=None): ...
@blocks("file", stall="once")
def getlines(filename, module_globals=None): ...
@blocks("file", stall="once")
def updatecache(filename, module_globals=None): ...
