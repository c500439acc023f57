# loopguard: complete
#
# It runs a program, and programs are written for the main thread.

@blocks("file")
@needs("main-thread")
def run_module(mod_name, init_globals=None, run_name=None, alter_sys=False): ...
@blocks("file")
@needs("main-thread")
def run_path(path_name, init_globals=None, run_name=None): ...
