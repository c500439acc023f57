# loopguard: complete

from sqlalchemy import create_engine as create_engine
from sqlalchemy import MetaData, ScalarResult
from sqlalchemy import select as select
from sqlalchemy import Select
from sqlalchemy.orm import Session as _Session
from typing import TypeVar

_T = TypeVar("_T")

class Session(_Session):
    @blocks("database")
    @twin("sqlmodel.ext.asyncio.session.AsyncSession.exec", differs="of an AsyncSession; lazy loading raises: load relations eagerly")
    def exec(self, statement: Select[_T], *, params=None, **kw) -> ScalarResult[_T]: ...

class SQLModel:
    metadata: MetaData
    def __init__(self, **data): ...
