# loopguard: complete
#
# A snapshot walks over every block that is traced.

@blocks("cpu", stall="large-input")
def take_snapshot(): ...

class Snapshot:
    @blocks("file")
    def dump(self, filename): ...
    @staticmethod
    @blocks("file")
    def load(filename): ...
