# loopguard: complete

@blocks("file")
def open(filename): ...
