# loopguard: complete

from clickhouse_driver.client import Client as Client
