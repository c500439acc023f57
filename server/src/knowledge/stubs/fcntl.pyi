# loopguard: complete
#
# Whether a file lock waits is a bit of its argument (LOCK_NB), and unlocking is the same call: both count as taking an
# uncontended lock.

@blocks("wait", stall="lock")
def flock(fd, operation, /): ...
@blocks("wait", stall="lock")
def lockf(fd, cmd, len=0, start=0, whence=0, /): ...
