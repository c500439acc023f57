from typing import Any

class AbstractAgent:
    @blocks("nested-loop")
    @twin("pydantic_ai.Agent.run")
    def run_sync(self, user_prompt=None, **kwargs) -> Any: ...
    async def run(self, user_prompt=None, **kwargs) -> Any: ...
