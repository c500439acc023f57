# loopguard: complete

from sqlalchemy.orm import Query as Query
