# loopguard: complete
#
# Looks for the module in the folders of the path; a submodule's parents are imported.

@blocks("filesystem")
def find_spec(name, package=None): ...
