# loopguard: complete

import peewee

class SqliteExtDatabase(peewee.SqliteDatabase): ...
