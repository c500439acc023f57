# loopguard: complete
#
# The tables are read when the first type is guessed; that is too cheap to name at every guess.

@blocks("file", stall="once")
def init(files=None): ...
@blocks("file")
def read_mime_types(file): ...
