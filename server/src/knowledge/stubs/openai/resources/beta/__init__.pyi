# loopguard: complete

from openai.resources.beta.threads import Threads as Threads
from openai.resources.chat import Chat

class Beta:
    chat: Chat
    assistants: Assistants
    threads: Threads

@blocks("http", timeout="timeout")
class Assistants:
    def create(self, *, model, timeout=..., **kwargs): ...
    def retrieve(self, assistant_id, *, timeout=...): ...
    def update(self, assistant_id, *, timeout=..., **kwargs): ...
    def list(self, *, timeout=..., **kwargs): ...
    def delete(self, assistant_id, *, timeout=...): ...
