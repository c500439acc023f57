# loopguard: complete

from clickhouse_connect.driver import create_async_client as create_async_client
from clickhouse_connect.driver import create_client as create_client
from clickhouse_connect.driver import create_async_client as get_async_client
from clickhouse_connect.driver import create_client as get_client
