# loopguard: complete
#
# Starting a child costs a few milliseconds (fork and exec); only waiting for it can take for ever. A Popen used as a
# context manager waits at its exit. poll() and the signals never wait. The arguments of Popen are left out where
# nothing depends on them.

@blocks("process", timeout="timeout")
@twin("asyncio.create_subprocess_exec", remedy="subprocess-to-asyncio")
def run(args, *, input=None, timeout=None): ...
@blocks("process", timeout="timeout")
@twin("asyncio.create_subprocess_exec", remedy="subprocess-to-asyncio")
def call(args, *, timeout=None): ...
@blocks("process", timeout="timeout")
@twin("asyncio.create_subprocess_exec", remedy="subprocess-to-asyncio")
def check_call(args, *, timeout=None): ...
@blocks("process", timeout="timeout")
@twin("asyncio.create_subprocess_exec", remedy="subprocess-to-asyncio")
def check_output(args, *, input=None, timeout=None): ...
@blocks("process")
@twin("asyncio.create_subprocess_shell", remedy="subprocess-to-asyncio")
def getoutput(cmd): ...
@blocks("process")
@twin("asyncio.create_subprocess_shell", remedy="subprocess-to-asyncio")
def getstatusoutput(cmd): ...

class Popen:
    @blocks("process", stall="spawn")
    @twin("asyncio.create_subprocess_exec", differs="gives an asyncio.subprocess.Process, whose wait() and communicate() are awaited")
    def __init__(self, args): ...
    @blocks("process", timeout="timeout", unless="timeout == 0")
    @twin("asyncio.subprocess.Process.wait", differs="takes no timeout: asyncio.timeout() bounds it")
    def wait(self, timeout=None): ...
    @blocks("process", timeout="timeout", unless="timeout == 0")
    @twin("asyncio.subprocess.Process.communicate", differs="takes no timeout and speaks bytes only")
    def communicate(self, input=None, timeout=None): ...
    @blocks("process")
    def __exit__(self, exc_type, value, traceback): ...
