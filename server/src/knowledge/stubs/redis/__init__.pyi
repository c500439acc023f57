# loopguard: complete

from redis.client import Redis as Redis
from redis.client import StrictRedis as StrictRedis
from redis.cluster import RedisCluster as RedisCluster
from redis.connection import ConnectionPool as ConnectionPool
from redis.sentinel import Sentinel as Sentinel
from redis.utils import from_url as from_url
