# loopguard: complete

class Workbook:
    @blocks("file")
    def save(self, filename) -> None: ...
