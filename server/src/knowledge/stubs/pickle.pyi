# loopguard: complete
#
# What is read or written stands in a file that somebody opened: that opening is the finding. The rest depends on the size.

@blocks("cpu", stall="large-input")
def dump(obj, file, protocol=None, *, fix_imports=True, buffer_callback=None): ...
@blocks("cpu", stall="large-input")
def dumps(obj, protocol=None, *, fix_imports=True, buffer_callback=None): ...
@blocks("cpu", stall="large-input")
def load(file, *, fix_imports=True, encoding="ASCII", errors="strict", buffers=()): ...
@blocks("cpu", stall="large-input")
def loads(data, /, *, fix_imports=True, encoding="ASCII", errors="strict", buffers=()): ...

class Pickler:
    @blocks("cpu", stall="large-input")
    def dump(self, obj, /): ...

class Unpickler:
    @blocks("cpu", stall="large-input")
    def load(self): ...
