# loopguard: complete

from consul.base import Consul as _Base

class Consul(_Base): ...
