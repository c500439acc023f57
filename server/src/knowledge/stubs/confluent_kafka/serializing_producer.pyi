# loopguard: complete

from confluent_kafka.cimpl import Producer as _Producer

class SerializingProducer(_Producer):
    def produce(self, topic, key=None, value=None, *args, **kwargs): ...
