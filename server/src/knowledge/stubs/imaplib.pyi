# loopguard: complete
#
# Every command waits for the server's reply; IMAP4() connects at once, to localhost where no host is given.

@blocks("network")
class IMAP4:
    @blocks("network", timeout="timeout")
    def __init__(self, host="", port=143, timeout=None): ...
    # Leaving the block says LOGOUT.
    @blocks("network")
    def __exit__(self, t, v, tb): ...
    @never_blocks
    def socket(self): ...
    @never_blocks
    def response(self, code): ...
    @never_blocks
    def idle(self, duration=None): ...
    @never_blocks
    def print_log(self): ...

class IMAP4_SSL:
    @blocks("network", timeout="timeout")
    def __init__(self, host="", port=993, *, ssl_context=None, timeout=None): ...

class IMAP4_stream:
    @blocks("process")
    def __init__(self, command): ...
