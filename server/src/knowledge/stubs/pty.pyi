# loopguard: complete

@blocks("process")
def spawn(argv, master_read=..., stdin_read=...): ...
# The child goes on with the thread that forks, and with no other.
@needs("main-thread")
@blocks("process", stall="spawn")
def fork(): ...
