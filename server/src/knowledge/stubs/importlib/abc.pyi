# Runs a module, once.

class Loader:
    @blocks("file", stall="once")
    def load_module(self, fullname): ...
    @blocks("file", stall="once")
    def exec_module(self, module): ...
