from collections.abc import Iterator
from typing import Any

class ContainerProxy:
    @blocks("http")
    @twin("azure.cosmos.aio.ContainerProxy.read_item", differs="of a client of azure.cosmos.aio")
    def read_item(self, item, partition_key, **kwargs) -> dict[str, Any]: ...
    @blocks("http")
    @twin("azure.cosmos.aio.ContainerProxy.create_item", differs="of a client of azure.cosmos.aio")
    def create_item(self, body, **kwargs) -> dict[str, Any]: ...
    @blocks("http")
    @twin("azure.cosmos.aio.ContainerProxy.upsert_item", differs="of a client of azure.cosmos.aio")
    def upsert_item(self, body, **kwargs) -> dict[str, Any]: ...
    @blocks("http")
    @twin("azure.cosmos.aio.ContainerProxy.replace_item", differs="of a client of azure.cosmos.aio")
    def replace_item(self, item, body, **kwargs) -> dict[str, Any]: ...
    @blocks("http", when="iterated")
    @twin("azure.cosmos.aio.ContainerProxy.query_items", differs="of a client of azure.cosmos.aio, iterated with async for")
    def query_items(self, query, parameters=None, **kwargs) -> Iterator[dict[str, Any]]: ...
    @blocks("http", when="iterated")
    @twin("azure.cosmos.aio.ContainerProxy.read_all_items", differs="of a client of azure.cosmos.aio, iterated with async for")
    def read_all_items(self, max_item_count=None, **kwargs) -> Iterator[dict[str, Any]]: ...
