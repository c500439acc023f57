from typing import Self

from moviepy.video.VideoClip import VideoClip

class VideoFileClip(VideoClip):
    @blocks("process")
    def __init__(self, filename, **kwargs): ...
    def __enter__(self) -> Self: ...
