# loopguard: complete

@blocks("file")
def fileConfig(fname, defaults=None, disable_existing_loggers=True, encoding=None): ...
