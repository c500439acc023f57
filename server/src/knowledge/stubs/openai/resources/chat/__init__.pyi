# loopguard: complete

from openai.resources.chat.completions import AsyncCompletions as AsyncCompletions
from openai.resources.chat.completions import Completions as Completions

class Chat:
    completions: Completions
class AsyncChat:
    completions: AsyncCompletions
