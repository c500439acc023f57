# loopguard: complete

from redis import PubSub as PubSub
from redis import Pipeline as Pipeline
from redis import Redis as Redis
from redis import StrictRedis as StrictRedis
