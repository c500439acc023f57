# loopguard: complete
#
# Every command waits for the server's reply; NNTP() connects at once. Gone in Python 3.13.

@blocks("network")
class NNTP:
    @blocks("network", timeout="timeout")
    def __init__(self, host, port=119, user=None, password=None, readermode=None, usenetrc=False, timeout=...): ...
    # Leaving the block says QUIT.
    @blocks("network")
    def __exit__(self, *args): ...
    @never_blocks
    def getwelcome(self): ...
    @never_blocks
    def set_debuglevel(self, level): ...
    @never_blocks
    def debug(self, level): ...

class NNTP_SSL:
    @blocks("network")
    def __init__(self, host, port=563, user=None, password=None, ssl_context=None): ...
