# loopguard: complete

from redis.client import Redis

@never_blocks
@twin("redis.asyncio.from_url")
def from_url(url, **kwargs) -> Redis: ...
