from binance.async_client import AsyncClient as AsyncClient
from binance.client import Client as Client
