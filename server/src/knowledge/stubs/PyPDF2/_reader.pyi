from PyPDF2._page import PageObject

class PdfReader:
    pages: list[PageObject]
    @blocks("file", stall="inode")
    def __init__(self, stream, strict=False, password=None): ...
