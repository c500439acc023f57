# Reading mapped memory may wait for the disk as well, but nothing in the text tells which read does.

class mmap:
    @blocks("file")
    def flush(self, offset=0, size=..., /): ...
