from groq._client import AsyncGroq as AsyncGroq
from groq._client import Groq as Groq
