from typing import Any

from postgrest._sync.request_builder import SyncRequestBuilder

class Client:
    def table(self, table_name) -> SyncRequestBuilder: ...
    def from_(self, table_name) -> SyncRequestBuilder: ...

# Connects with its first request.
def create_client(supabase_url, supabase_key, options=None) -> Client: ...
