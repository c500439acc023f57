# loopguard: complete

from redis import Search as Search
