# loopguard: complete

from redis import JSON as JSON
