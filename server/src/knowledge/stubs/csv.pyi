# loopguard: complete
#
# A reader reads the file it is given while it is iterated over.

@blocks("cpu", stall="large-input", when="iterated")
def reader(iterable, /, dialect="excel"): ...

class DictReader:
    @blocks("cpu", stall="large-input")
    def __next__(self): ...

class DictWriter:
    @blocks("cpu", stall="large-input")
    def writerows(self, rowdicts): ...
