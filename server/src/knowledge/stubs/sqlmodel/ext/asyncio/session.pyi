# loopguard: complete

from sqlalchemy import ScalarResult, Select
from sqlalchemy.ext.asyncio import AsyncSession as _AsyncSession
from typing import TypeVar

_T = TypeVar("_T")

@never_blocks
class AsyncSession(_AsyncSession):
    async def exec(self, statement: Select[_T], *, params=None, **kw) -> ScalarResult[_T]: ...
