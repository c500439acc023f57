# loopguard: complete

from consul.std import Consul as Consul
