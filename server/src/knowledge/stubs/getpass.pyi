# loopguard: complete

@blocks("input")
def getpass(prompt="Password: ", stream=None, *, echo_char=None): ...
