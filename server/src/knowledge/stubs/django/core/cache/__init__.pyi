# loopguard: complete

from django.core.cache.backends.base import BaseCache

cache: BaseCache
caches: dict[str, BaseCache]
