# loopguard: complete
#
# Works in C, without the GIL. produce() only queues.

from confluent_kafka.cimpl import Consumer as Consumer
from confluent_kafka.cimpl import Producer as Producer
from confluent_kafka.deserializing_consumer import DeserializingConsumer as DeserializingConsumer
from confluent_kafka.serializing_producer import SerializingProducer as SerializingProducer
