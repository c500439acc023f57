# loopguard: complete
#
# A file lock waits unless LOCK_NB is among the flags; unlocking is the same call. It counts as an uncontended lock.

LOCK_SH = 1
LOCK_EX = 2
LOCK_NB = 4
LOCK_UN = 8

@blocks("wait", stall="lock", unless="operation == 5 or operation == 6 or operation == 8")
def flock(fd, operation, /): ...
@blocks("wait", stall="lock", unless="cmd == 5 or cmd == 6 or cmd == 8")
def lockf(fd, cmd, len=0, start=0, whence=0, /): ...
