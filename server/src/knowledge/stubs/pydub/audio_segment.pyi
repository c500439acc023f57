# What is not WAV is converted by ffmpeg.

from typing import Any, Self

class AudioSegment:
    @classmethod
    @blocks("process", unless="format == 'wav'")
    def from_file(cls, file, format=None, **kwargs) -> Self: ...
    @classmethod
    @blocks("process")
    def from_mp3(cls, file, parameters=None) -> Self: ...
    @classmethod
    @blocks("file")
    def from_wav(cls, file, parameters=None) -> Self: ...
    @blocks("process")
    def export(self, out_f=None, format="mp3", **kwargs) -> Any: ...
