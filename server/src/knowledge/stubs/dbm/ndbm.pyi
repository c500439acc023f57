# loopguard: complete

@blocks("file", stall="inode")
def open(filename, flag="r", mode=438, /): ...
