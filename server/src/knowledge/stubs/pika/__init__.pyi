# loopguard: complete

from pika.adapters.blocking_connection import BlockingConnection as BlockingConnection
