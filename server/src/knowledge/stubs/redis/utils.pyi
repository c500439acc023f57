# loopguard: complete

from redis.client import Redis

def from_url(url, **kwargs) -> Redis: ...
