# loopguard: complete

from typing import Self

from openai.resources import (
    AsyncAudio,
    AsyncBatches,
    AsyncEmbeddings,
    AsyncFiles,
    AsyncImages,
    AsyncModels,
    AsyncModerations,
    AsyncResponses,
    Audio,
    Batches,
    Embeddings,
    Files,
    Images,
    Models,
    Moderations,
    Responses,
    VectorStores,
)
from openai.resources.beta import Beta
from openai.resources.chat import AsyncChat, Chat

class OpenAI:
    audio: Audio
    batches: Batches
    beta: Beta
    chat: Chat
    embeddings: Embeddings
    files: Files
    images: Images
    models: Models
    moderations: Moderations
    responses: Responses
    vector_stores: VectorStores
    def __init__(self, *, api_key=None, base_url=None, timeout=..., max_retries=2, **kwargs): ...
    def __enter__(self) -> Self: ...
    def with_options(self, **kwargs) -> Self: ...
    def close(self) -> None: ...

Client = OpenAI

class AsyncOpenAI:
    audio: AsyncAudio
    batches: AsyncBatches
    chat: AsyncChat
    embeddings: AsyncEmbeddings
    files: AsyncFiles
    images: AsyncImages
    models: AsyncModels
    moderations: AsyncModerations
    responses: AsyncResponses
    def __init__(self, *, api_key=None, base_url=None, timeout=..., max_retries=2, **kwargs): ...
    async def __aenter__(self) -> Self: ...
    def with_options(self, **kwargs) -> Self: ...
    async def close(self) -> None: ...
