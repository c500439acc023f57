# loopguard: complete

from collections.abc import Generator
from typing import Any

from aiosqlite.cursor import Cursor

class Result:
    def __await__(self) -> Generator[Any, None, Cursor]: ...
    async def __aenter__(self) -> Cursor: ...
