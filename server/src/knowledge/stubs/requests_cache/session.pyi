# A session of requests before a cache on disk.

from requests import Session

class CachedSession(Session):
    def __init__(self, cache_name=..., backend=None, **kwargs): ...
