# loopguard: complete
#
# Gone in Python 3.13.

@blocks("file")
def encode(in_file, out_file, name=None, mode=None, *, backtick=False): ...
@blocks("file")
def decode(in_file, out_file=None, mode=None, quiet=False): ...
