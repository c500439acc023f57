# loopguard: complete

@blocks("process")
def bootstrap(): ...
