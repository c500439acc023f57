# loopguard: complete

from google.genai.chats import AsyncChats, Chats
from google.genai.files import AsyncFiles, Files
from google.genai.models import AsyncModels, Models

class Client:
    models: Models
    chats: Chats
    files: Files
    aio: AsyncClient
    def __init__(self, *, vertexai=None, api_key=None, **kwargs): ...
class AsyncClient:
    models: AsyncModels
    chats: AsyncChats
    files: AsyncFiles
