# loopguard: complete
#
# Opens the files one after the other, while they are read.

@blocks("file", when="iterated")
def input(files=None, inplace=False): ...

class FileInput:
    @blocks("file")
    def __next__(self): ...
    @blocks("file")
    def readline(self): ...
