from pytube.query import StreamQuery

# The page of a video is asked for when something of it is.
class YouTube:
    @property
    @blocks("http")
    def streams(self) -> StreamQuery: ...
    @property
    @blocks("http")
    def title(self) -> str: ...
    @blocks("http")
    def check_availability(self) -> None: ...
