# loopguard: complete
#
# A program is asked, but on Windows and macOS.

@blocks("process")
def paste() -> str: ...
@blocks("process")
def copy(text) -> None: ...
