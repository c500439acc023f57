# Each call reads the file, and writes it whole.

from tinydb.database import TinyDB as TinyDB
