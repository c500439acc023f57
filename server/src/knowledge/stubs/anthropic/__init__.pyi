# loopguard: complete
#
# Every request waits for the API: up to 10 minutes, twice more on failure. The answer has arrived with it, but for
# stream=True and stream(): then iterating over it waits.

from anthropic._client import Anthropic as Anthropic
from anthropic._client import AsyncAnthropic as AsyncAnthropic
from anthropic._client import AsyncClient as AsyncClient
from anthropic._client import Client as Client
from anthropic._streaming import Stream as Stream
from anthropic.lib.streaming import MessageStream as MessageStream
from anthropic.lib.streaming import MessageStreamManager as MessageStreamManager
