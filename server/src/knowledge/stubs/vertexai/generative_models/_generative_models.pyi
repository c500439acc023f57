from typing import Any

class GenerativeModel:
    @blocks("network")
    @twin("vertexai.generative_models.GenerativeModel.generate_content_async")
    def generate_content(self, contents, *, generation_config=None, safety_settings=None, stream=False, **kwargs) -> Any: ...
    async def generate_content_async(self, contents, *, generation_config=None, safety_settings=None, stream=False, **kwargs) -> Any: ...
