from llama_index.core.indices import SummaryIndex as SummaryIndex
from llama_index.core.indices import VectorStoreIndex as VectorStoreIndex
from llama_index.core.indices import load_index_from_storage as load_index_from_storage
from llama_index.core.readers import SimpleDirectoryReader as SimpleDirectoryReader
