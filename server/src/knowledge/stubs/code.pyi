# loopguard: complete

@blocks("input")
def interact(banner=None, readfunc=None, local=None, exitmsg=None, local_exit=False): ...

class InteractiveConsole:
    @blocks("input")
    def interact(self, banner=None, exitmsg=None): ...
    @blocks("input")
    def raw_input(self, prompt=""): ...
