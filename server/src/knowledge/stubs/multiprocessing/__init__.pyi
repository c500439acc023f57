# The functions of this module are methods of the default context, which get_context() gives as well. Starting a child
# costs a few milliseconds where it forks, and far more where it spawns an interpreter.

@blocks("process", stall="spawn")
def Pool(processes=None, initializer: Runs["process"] = None, initargs=(), maxtasksperchild=None): ...
@blocks("process", stall="spawn")
def Manager(): ...
