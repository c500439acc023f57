# loopguard: complete

from diskcache.core import Cache as Cache
from diskcache.fanout import FanoutCache as FanoutCache
