from typing import Self

from moviepy.audio.AudioClip import AudioClip

class AudioFileClip(AudioClip):
    @blocks("process")
    def __init__(self, filename, **kwargs): ...
    def __enter__(self) -> Self: ...
