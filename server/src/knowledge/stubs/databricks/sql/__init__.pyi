# loopguard: complete

from databricks.sql.client import Connection

@blocks("database")
def connect(server_hostname, http_path, access_token=None, **kwargs) -> Connection: ...
