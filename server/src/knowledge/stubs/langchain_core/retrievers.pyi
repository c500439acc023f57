# loopguard: complete

from typing import Any

class BaseRetriever:
    @blocks("http")
    @twin("langchain_core.retrievers.BaseRetriever.ainvoke")
    def invoke(self, input, config=None, **kwargs) -> Any: ...
    async def ainvoke(self, input, config=None, **kwargs) -> Any: ...
