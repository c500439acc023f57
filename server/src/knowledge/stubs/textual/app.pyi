# Handlers, actions, watchers and what composes run on the loop, plain or coroutine.

from typing import Any

from textual.message_pump import MessagePump

@runs("loop", methods="on_* action_* watch_* compute_* validate_* compose")
class App(MessagePump):
    def __init__(self, driver_class=None, css_path=None, **kwargs): ...
    @blocks("nested-loop")
    @twin("textual.app.App.run_async")
    def run(self, **kwargs) -> Any: ...
    async def run_async(self, **kwargs) -> Any: ...
    @blocks("wait", stall="raises")
    def call_from_thread(self, callback: Runs["loop"], *args, **kwargs) -> Any: ...
