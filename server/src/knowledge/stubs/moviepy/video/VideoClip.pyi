# ffmpeg reads and writes.

class VideoClip:
    @blocks("process")
    def write_videofile(self, filename, **kwargs) -> None: ...
    @blocks("process")
    def write_gif(self, filename, **kwargs) -> None: ...
