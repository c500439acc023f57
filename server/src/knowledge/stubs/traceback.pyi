# loopguard: complete
#
# The source lines of a traceback are read once and kept.

@needs("handling")
def print_exc(limit=None, file=None, chain=True): ...
@needs("handling")
def format_exc(limit=None, chain=True): ...
