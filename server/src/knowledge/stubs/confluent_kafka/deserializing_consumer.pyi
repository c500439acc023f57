# loopguard: complete

from typing import Any

from confluent_kafka.cimpl import Consumer as _Consumer

class DeserializingConsumer(_Consumer):
    @blocks("network", timeout="timeout", unless="timeout == 0")
    def poll(self, timeout=-1) -> Any: ...
