# loopguard: complete

from snowflake.connector.connection import SnowflakeConnection as SnowflakeConnection

@blocks("database")
@twin("snowflake.connector.aio.SnowflakeConnection", differs="the connection and its cursors are awaited")
def Connect(**kwargs) -> SnowflakeConnection: ...
@blocks("database")
@twin("snowflake.connector.aio.SnowflakeConnection", differs="the connection and its cursors are awaited")
def connect(**kwargs) -> SnowflakeConnection: ...
