class Downloader:
    @blocks("http")
    def download(self, info_or_id=None, *args, **kwargs) -> bool: ...

_downloader: Downloader
download = _downloader.download
