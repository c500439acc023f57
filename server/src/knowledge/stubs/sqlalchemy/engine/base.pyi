# loopguard: complete

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine as Engine
