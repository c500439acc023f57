from zeep.client import AsyncClient as AsyncClient
from zeep.client import Client as Client
