from pytube.__main__ import YouTube as YouTube
from pytube.streams import Stream as Stream
