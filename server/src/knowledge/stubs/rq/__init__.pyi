# loopguard: complete

from rq.queue import Queue as Queue
from rq.worker import Worker as Worker
