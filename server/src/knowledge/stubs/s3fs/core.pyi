from fsspec.spec import AbstractFileSystem

@blocks("http")
class S3FileSystem(AbstractFileSystem):
    def __init__(self, *args, **kwargs): ...
