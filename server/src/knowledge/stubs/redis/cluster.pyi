# loopguard: complete

from redis.client import Pipeline, Redis

@blocks("database")
@twin("redis.asyncio.RedisCluster", differs="the same method of a redis.asyncio.RedisCluster, awaited")
class RedisCluster(Redis):
    # Asks the nodes for the layout of the cluster.
    @blocks("database")
    @twin("redis.asyncio.cluster.RedisCluster", differs="asks the nodes with its first command")
    def __init__(self, host=None, port=6379, startup_nodes=None, **kwargs): ...
    @never_blocks
    def pipeline(self, transaction=None, shard_hint=None) -> Pipeline: ...
    @never_blocks
    def get_nodes(self): ...
    @never_blocks
    def get_primaries(self): ...
    @never_blocks
    def get_default_node(self): ...
    @never_blocks
    def close(self): ...
