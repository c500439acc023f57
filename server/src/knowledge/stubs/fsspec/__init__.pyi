from fsspec.core import open as open
from fsspec.registry import filesystem as filesystem
from fsspec.spec import AbstractFileSystem as AbstractFileSystem
