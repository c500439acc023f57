from typing import Any

from pydantic_ai.agent.abstract import AbstractAgent

class Agent(AbstractAgent):
    def tool(self, func: Runs["loop-or-thread"] = None, /, **kwargs) -> Decorates["loop-or-thread"]: ...
    def tool_plain(self, func: Runs["loop-or-thread"] = None, /, **kwargs) -> Decorates["loop-or-thread"]: ...
