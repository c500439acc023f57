# loopguard: complete
#
# Runs ldconfig, a compiler or a linker and reads what they print.

@blocks("process")
def find_library(name): ...
