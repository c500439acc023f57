# Making a client asks the service for its regions; clients of databases and containers are made without it.

from collections.abc import Iterator
from typing import Any, Self

from azure.cosmos.database import DatabaseProxy

class CosmosClient:
    @blocks("http")
    @twin("azure.cosmos.aio.CosmosClient", differs="a client of azure.cosmos.aio, used with async with")
    def __init__(self, url, credential, consistency_level=None, **kwargs): ...
    def __enter__(self) -> Self: ...
    @classmethod
    @blocks("http")
    @twin("azure.cosmos.aio.CosmosClient.from_connection_string", differs="a client of azure.cosmos.aio, used with async with")
    def from_connection_string(cls, conn_str, credential=None, consistency_level=None, **kwargs) -> Self: ...
    @blocks("http")
    @twin("azure.cosmos.aio.CosmosClient.create_database", differs="of a client of azure.cosmos.aio")
    def create_database(self, id, **kwargs) -> DatabaseProxy: ...
    @blocks("http")
    @twin("azure.cosmos.aio.CosmosClient.create_database_if_not_exists", differs="of a client of azure.cosmos.aio")
    def create_database_if_not_exists(self, id, **kwargs) -> DatabaseProxy: ...
    def get_database_client(self, database) -> DatabaseProxy: ...
    @blocks("http", when="iterated")
    def list_databases(self, max_item_count=None, **kwargs) -> Iterator[dict[str, Any]]: ...
