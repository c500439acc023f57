# loopguard: complete
#
# Every command waits for the server's reply; POP3() connects at once.

@blocks("network")
class POP3:
    @blocks("network", timeout="timeout")
    def __init__(self, host, port=110, timeout=...): ...
    @never_blocks
    def getwelcome(self): ...
    @never_blocks
    def set_debuglevel(self, level): ...
    @never_blocks
    def close(self): ...

class POP3_SSL:
    @blocks("network", timeout="timeout")
    def __init__(self, host, port=995, *, timeout=..., context=None): ...
    @blocks("network")
    def stls(self, context=None): ...
