# loopguard: complete

@blocks("process", timeout="timeout")
def run(command, timeout=30, withexitstatus=False, events=None, **kwargs): ...
