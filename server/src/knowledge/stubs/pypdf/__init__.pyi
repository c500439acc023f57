# loopguard: complete

from typing import Any

class PdfReader:
    pages: list[PageObject]
    @blocks("file")
    def __init__(self, stream, strict=False, password=None): ...

class PdfWriter:
    @blocks("file")
    def write(self, stream): ...
    def add_page(self, page) -> PageObject: ...

class PageObject:
    @blocks("cpu")
    def extract_text(self, *args, **kwargs) -> str: ...
    @blocks("cpu")
    def merge_page(self, page2, **kwargs) -> None: ...
