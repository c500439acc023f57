# Opening and closing a client is described; what its collections do is not.

from weaviate.client import WeaviateClient as WeaviateClient
from weaviate.connect.helpers import connect_to_custom as connect_to_custom
from weaviate.connect.helpers import connect_to_embedded as connect_to_embedded
from weaviate.connect.helpers import connect_to_local as connect_to_local
from weaviate.connect.helpers import connect_to_weaviate_cloud as connect_to_weaviate_cloud
from weaviate.connect.helpers import use_async_with_local as use_async_with_local
from weaviate.connect.helpers import use_async_with_weaviate_cloud as use_async_with_weaviate_cloud
