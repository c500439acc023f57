# loopguard: complete
#
# A mailbox is a file or a folder of files, and every question reads it.

@blocks("file")
class Mailbox: ...

@blocks("file")
class Maildir:
    @blocks("filesystem")
    def __init__(self, dirname, factory=None, create=True): ...

@blocks("file")
class mbox:
    @blocks("file", stall="inode")
    def __init__(self, path, factory=None, create=True): ...

@blocks("file")
class MMDF:
    @blocks("file", stall="inode")
    def __init__(self, path, factory=None, create=True): ...

@blocks("file")
class MH:
    @blocks("filesystem")
    def __init__(self, path, factory=None, create=True): ...

@blocks("file")
class Babyl:
    @blocks("file", stall="inode")
    def __init__(self, path, factory=None, create=True): ...
