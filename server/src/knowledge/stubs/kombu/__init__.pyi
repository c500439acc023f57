# loopguard: complete

from kombu.connection import Connection as Connection
from kombu.messaging import Consumer as Consumer
from kombu.messaging import Producer as Producer
