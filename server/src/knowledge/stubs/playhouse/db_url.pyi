# loopguard: complete

import peewee

def connect(url, unquote_password=False, **connect_params) -> peewee.Database: ...
