# loopguard: complete

@blocks("http", timeout="timeout")
@twin("openai.resources.AsyncAudio", differs="the same method of an AsyncOpenAI client, awaited")
class Transcriptions:
    def create(self, *, file, model, timeout=..., **kwargs): ...
@blocks("http", timeout="timeout")
@twin("openai.resources.AsyncAudio", differs="the same method of an AsyncOpenAI client, awaited")
class Translations:
    def create(self, *, file, model, timeout=..., **kwargs): ...
@blocks("http", timeout="timeout")
@twin("openai.resources.AsyncAudio", differs="the same method of an AsyncOpenAI client, awaited")
class Speech:
    def create(self, *, input, model, voice, timeout=..., **kwargs): ...
class Audio:
    transcriptions: Transcriptions
    translations: Translations
    speech: Speech
class AsyncAudio: ...
