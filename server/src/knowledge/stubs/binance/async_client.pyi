from typing import Any, Self

@never_blocks
class AsyncClient:
    @classmethod
    async def create(cls, api_key=None, api_secret=None, **kwargs) -> Self: ...
