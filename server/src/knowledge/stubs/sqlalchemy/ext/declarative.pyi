# loopguard: complete

from sqlalchemy.orm import declarative_base as declarative_base
