# loopguard: complete
#
# Without `recursive` the pattern says which folders are listed: usually one.

@blocks("filesystem", stall="tree", unless="recursive == False")
@blocks("filesystem")
def glob(pathname, *, root_dir=None, dir_fd=None, recursive=False, include_hidden=False): ...
@blocks("filesystem", stall="tree", when="iterated", unless="recursive == False")
@blocks("filesystem", when="iterated")
def iglob(pathname, *, root_dir=None, dir_fd=None, recursive=False, include_hidden=False): ...
