# loopguard: complete

from redis import Lock as Lock
