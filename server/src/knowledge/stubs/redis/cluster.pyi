# loopguard: complete

from redis import RedisCluster as RedisCluster
