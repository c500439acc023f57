# Gone in Python 3.12.

@blocks("network")
def loop(timeout=30.0, use_poll=False, map=None, count=None): ...
