# loopguard: complete

@blocks("http")
def download(url, out=None, bar=...) -> str: ...
