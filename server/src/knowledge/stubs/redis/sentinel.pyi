# loopguard: complete

from redis import Sentinel as Sentinel
