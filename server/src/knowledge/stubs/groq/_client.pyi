from typing import Self

from groq.resources.chat import Chat
from groq.resources.embeddings import Embeddings

class Groq:
    chat: Chat
    embeddings: Embeddings
    def __init__(self, *, api_key=None, base_url=None, timeout=..., **kwargs): ...
    def __enter__(self) -> Self: ...

@never_blocks
class AsyncGroq:
    def __init__(self, *, api_key=None, base_url=None, timeout=..., **kwargs): ...
