# loopguard: complete
#
# Which handler a logging call reaches is settled at run time; who calls a handler himself reaches this one.

class QueueListener:
    # Joins the listener's thread.
    @blocks("wait")
    def stop(self): ...

class SMTPHandler:
    @blocks("network")
    def emit(self, record): ...

class HTTPHandler:
    @blocks("http")
    def emit(self, record): ...

# The connection is made with the first record.
class SocketHandler:
    @blocks("network")
    def createSocket(self): ...
    @blocks("network", timeout="timeout")
    def makeSocket(self, timeout=1): ...
    @blocks("network")
    def send(self, s): ...
    @blocks("network")
    def emit(self, record): ...

class RotatingFileHandler:
    @blocks("filesystem")
    def doRollover(self): ...

class TimedRotatingFileHandler:
    @blocks("filesystem")
    def doRollover(self): ...
