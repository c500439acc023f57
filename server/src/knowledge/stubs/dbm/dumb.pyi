# loopguard: complete

@blocks("file", stall="inode")
def open(file, flag="c", mode=438): ...
