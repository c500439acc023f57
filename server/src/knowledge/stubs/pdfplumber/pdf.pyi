from typing import Any, Self

from pdfplumber.page import Page

class PDF:
    pages: list[Page]
    def __enter__(self) -> Self: ...
    @classmethod
    @blocks("file", stall="inode")
    def open(cls, path_or_fp, pages=None, **kwargs) -> Self: ...
