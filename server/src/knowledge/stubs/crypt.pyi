# loopguard: complete
#
# Gone in Python 3.13.

@blocks("cpu")
def crypt(word, salt=None): ...
