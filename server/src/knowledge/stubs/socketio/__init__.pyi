# loopguard: complete

from socketio.async_client import AsyncClient as AsyncClient
from socketio.client import Client as Client
from socketio.simple_client import SimpleClient as SimpleClient
