from typing import Any

class BaseQueryEngine:
    @blocks("network")
    @twin("llama_index.core.base.base_query_engine.BaseQueryEngine.aquery")
    def query(self, str_or_query_bundle) -> Any: ...
    async def aquery(self, str_or_query_bundle) -> Any: ...
