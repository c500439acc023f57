from requests_cache.session import CachedSession as CachedSession
