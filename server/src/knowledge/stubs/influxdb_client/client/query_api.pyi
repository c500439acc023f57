# loopguard: complete

from collections.abc import Iterator
from typing import Any

class QueryApi:
    @blocks("database")
    @twin("influxdb_client.client.query_api_async.QueryApiAsync.query", differs="of an InfluxDBClientAsync")
    def query(self, query, org=None, params=None) -> Any: ...
    @blocks("database")
    def query_csv(self, query, org=None, dialect=..., params=None) -> Any: ...
    @blocks("database")
    def query_raw(self, query, org=None, dialect=..., params=None) -> Any: ...
    @blocks("database")
    def query_data_frame(self, query, org=None, data_frame_index=None, params=None, **kwargs) -> Any: ...
    @blocks("database", when="iterated")
    def query_stream(self, query, org=None, params=None) -> Iterator[Any]: ...
