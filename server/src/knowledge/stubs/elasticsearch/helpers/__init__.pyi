# loopguard: complete

from collections.abc import Iterator
from typing import Any

@blocks("http")
@twin("elasticsearch.helpers.async_bulk", differs="with an AsyncElasticsearch")
def bulk(client, actions, stats_only=False, *args, **kwargs): ...
@blocks("http", when="iterated")
@twin("elasticsearch.helpers.async_scan", differs="with an AsyncElasticsearch, iterated with async for")
def scan(client, query=None, scroll="5m", **kwargs) -> Iterator[Any]: ...
@blocks("http", when="iterated")
@twin("elasticsearch.helpers.async_streaming_bulk", differs="with an AsyncElasticsearch, iterated with async for")
def streaming_bulk(client, actions, **kwargs) -> Iterator[Any]: ...
@blocks("http", when="iterated")
def parallel_bulk(client, actions, **kwargs) -> Iterator[Any]: ...
@blocks("http")
def reindex(client, source_index, target_index, **kwargs): ...
