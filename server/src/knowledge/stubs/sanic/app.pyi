from sanic.mixins.middleware import MiddlewareMixin
from sanic.mixins.routes import RouteMixin

class Sanic(RouteMixin, MiddlewareMixin):
    def __init__(self, name=None, **kwargs): ...
