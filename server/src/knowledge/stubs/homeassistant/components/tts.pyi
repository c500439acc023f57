# Where the sync method is overridden, it is called in the executor.

@runs("thread", methods="get_tts_audio")
class Provider: ...
