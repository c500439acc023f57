# loopguard: complete

from typing import Any

from google.cloud.bigquery.job.base import _AsyncJob
from google.cloud.bigquery.table import RowIterator

class QueryJob(_AsyncJob):
    @blocks("http", timeout="timeout")
    def result(self, page_size=None, max_results=None, retry=..., timeout=..., **kwargs) -> RowIterator: ...
    @blocks("http")
    def to_dataframe(self, **kwargs) -> Any: ...
    @blocks("http")
    def to_arrow(self, **kwargs) -> Any: ...
    @blocks("http")
    def __iter__(self) -> Any: ...
