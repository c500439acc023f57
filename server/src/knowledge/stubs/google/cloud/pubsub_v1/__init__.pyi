#
# publish() and subscribe() hand on to threads and give futures; the calls of the service itself wait for it.

from google.cloud.pubsub_v1.publisher.client import Client as _Publisher
from google.cloud.pubsub_v1.subscriber.client import Client as _Subscriber

class PublisherClient(_Publisher): ...
class SubscriberClient(_Subscriber): ...
