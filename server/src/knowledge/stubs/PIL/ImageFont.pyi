# loopguard: complete

@blocks("file", stall="inode")
def truetype(font=None, size=10, index=0, encoding="", layout_engine=None): ...
