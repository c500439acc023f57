# loopguard: complete
#
# Reads the first bytes. Gone in Python 3.13.

@blocks("file", stall="inode", unless="given(h)")
def what(file, h=None): ...
