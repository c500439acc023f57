# loopguard: complete

from sqlalchemy import Connection as Connection
from sqlalchemy import create_engine as create_engine
from sqlalchemy import CursorResult as CursorResult
from sqlalchemy import Engine as Engine
from sqlalchemy import Inspector as Inspector
from sqlalchemy import Result as Result
from sqlalchemy import ScalarResult as ScalarResult
