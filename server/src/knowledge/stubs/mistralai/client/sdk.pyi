from typing import Self

from mistralai.client.chat import Chat
from mistralai.client.embeddings import Embeddings

class Mistral:
    chat: Chat
    embeddings: Embeddings
    def __init__(self, api_key=None, **kwargs): ...
    def __enter__(self) -> Self: ...
