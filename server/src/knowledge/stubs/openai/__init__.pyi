# loopguard: complete
#
# Every request waits for the API: up to 10 minutes, twice more on failure. The answer has arrived with it, but for
# stream=True: then iterating over it waits.

from openai._client import AsyncOpenAI as AsyncOpenAI
from openai._client import Client as Client
from openai._client import OpenAI as OpenAI
from openai._streaming import AsyncStream as AsyncStream
from openai._streaming import Stream as Stream
from openai.lib.azure import AsyncAzureOpenAI as AsyncAzureOpenAI
from openai.lib.azure import AzureOpenAI as AzureOpenAI
from openai.resources import Audio, Embeddings, Files, Images, Models, Moderations, Responses
from openai.resources.chat import Chat

# The module itself is a client.
audio: Audio
chat: Chat
embeddings: Embeddings
files: Files
images: Images
models: Models
moderations: Moderations
responses: Responses
