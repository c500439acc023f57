from sanic.mixins.middleware import MiddlewareMixin
from sanic.mixins.routes import RouteMixin

class Blueprint(RouteMixin, MiddlewareMixin):
    def __init__(self, name, url_prefix=None, **kwargs): ...
