# loopguard: complete

from typing import Any, Self

class ServiceBusSender:
    @blocks("network")
    def __enter__(self) -> Self: ...
    @blocks("network")
    @twin("azure.servicebus.aio.ServiceBusSender.send_messages")
    def send_messages(self, message, **kwargs) -> None: ...
    @blocks("network")
    def schedule_messages(self, messages, schedule_time_utc, **kwargs) -> Any: ...
    @blocks("network")
    def create_message_batch(self, max_size_in_bytes=None) -> Any: ...
