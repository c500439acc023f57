# loopguard: complete
#
# Any other method runs the git command of that name.

class Git:
    def __init__(self, working_dir=None): ...
    @blocks("process")
    def execute(self, command, *args, **kwargs): ...
    @blocks("process")
    def ls_remote(self, url, *args, **kwargs): ...
