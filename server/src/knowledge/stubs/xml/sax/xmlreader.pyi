# What make_parser() gives.

class XMLReader:
    @blocks("file")
    def parse(self, source): ...
