# loopguard: complete
#
# Every command waits for the server's reply. SMTP() without a host does not connect yet.

@blocks("network")
@twin("aiosmtplib.SMTP", differs="its methods are awaited")
class SMTP:
    @blocks("network", timeout="timeout", unless="host == ''")
    @twin("aiosmtplib.SMTP", differs="connects with await connect() or async with")
    def __init__(self, host="", port=0, local_hostname=None, timeout=..., source_address=None): ...
    # Leaving the block says QUIT.
    @blocks("network")
    def __exit__(self, exc_type, exc_value, tb): ...
    @never_blocks
    def set_debuglevel(self, debuglevel): ...
    @never_blocks
    def has_extn(self, opt): ...
    @never_blocks
    def close(self): ...

class SMTP_SSL:
    @blocks("network", timeout="timeout", unless="host == ''")
    @twin("aiosmtplib.SMTP", differs="made with use_tls=True; connects with await connect() or async with")
    def __init__(self, host="", port=0, *, timeout=...): ...

class LMTP:
    @blocks("network", timeout="timeout", unless="host == ''")
    def __init__(self, host="", port=2003, local_hostname=None, source_address=None, timeout=...): ...
    @blocks("network")
    def connect(self, host="localhost", port=0, source_address=None): ...
