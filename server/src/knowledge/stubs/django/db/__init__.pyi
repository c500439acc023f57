# loopguard: complete

from django.db.backends.base.base import BaseDatabaseWrapper

connection: BaseDatabaseWrapper
