# The collection and both clients are described, the rest is not.

from pymilvus.milvus_client.async_milvus_client import AsyncMilvusClient as AsyncMilvusClient
from pymilvus.milvus_client.milvus_client import MilvusClient as MilvusClient
from pymilvus.orm.collection import Collection as Collection
