# loopguard: complete
#
# Reads while it is iterated over.

@blocks("file", stall="inode")
def parse(stream_or_string, parser=None, bufsize=None): ...
