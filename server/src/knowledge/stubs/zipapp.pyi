# loopguard: complete

@blocks("file", stall="tree")
def create_archive(source, target=None, interpreter=None, main=None, filter=None, compressed=False): ...
