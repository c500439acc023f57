# loopguard: complete
#
# The context of decimal arithmetic is a context variable: what is set in a thread is gone when it ends.

@needs("context")
def setcontext(context, /): ...

# Whoever asks for it may set what it holds.
@needs("context")
def getcontext(): ...
