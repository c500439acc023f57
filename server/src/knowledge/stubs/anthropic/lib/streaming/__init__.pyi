# loopguard: complete

from collections.abc import Iterator
from typing import Any, Self

from anthropic._streaming import Stream

class MessageStreamManager:
    @blocks("http")
    @twin("anthropic.AsyncMessageStreamManager", differs="`async with client.messages.stream(...)` of an AsyncAnthropic client")
    def __enter__(self) -> MessageStream: ...

class MessageStream:
    text_stream: Stream
    def __enter__(self) -> Self: ...
    @blocks("http")
    @twin("anthropic.AsyncMessageStream", differs="of an AsyncAnthropic client, iterated with async for")
    def __iter__(self) -> Iterator[Any]: ...
    @blocks("http")
    def get_final_message(self): ...
    @blocks("http")
    def get_final_text(self): ...
    @blocks("http")
    def until_done(self): ...
    def close(self): ...
