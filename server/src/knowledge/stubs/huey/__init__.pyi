# loopguard: complete

from huey.api import Huey as Huey
from huey.api import RedisHuey as RedisHuey
