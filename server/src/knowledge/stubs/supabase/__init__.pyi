from supabase._async.client import create_client as acreate_client
from supabase._async.client import create_client as create_async_client
from supabase._sync.client import Client as Client
from supabase._sync.client import create_client as create_client
