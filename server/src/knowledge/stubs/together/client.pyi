from together.resources.chat import Chat
from together.resources.embeddings import Embeddings
from together.resources.images import Images

class Together:
    chat: Chat
    embeddings: Embeddings
    images: Images
    def __init__(self, *, api_key=None, base_url=None, timeout=None, **kwargs): ...

@never_blocks
class AsyncTogether:
    def __init__(self, *, api_key=None, base_url=None, timeout=None, **kwargs): ...
