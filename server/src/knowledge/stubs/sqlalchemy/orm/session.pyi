# loopguard: complete

from sqlalchemy.orm import Session as Session
from sqlalchemy.orm import sessionmaker as sessionmaker
