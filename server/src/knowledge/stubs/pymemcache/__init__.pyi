# loopguard: complete

from pymemcache.client.base import Client as Client
from pymemcache.client.base import PooledClient as PooledClient
