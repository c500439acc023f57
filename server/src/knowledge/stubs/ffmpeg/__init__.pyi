from ffmpeg._ffmpeg import input as input
from ffmpeg._ffmpeg import output as output
from ffmpeg._probe import probe as probe
from ffmpeg._run import run as run
from ffmpeg._run import run_async as run_async
