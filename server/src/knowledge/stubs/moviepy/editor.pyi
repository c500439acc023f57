from moviepy.audio.io.AudioFileClip import AudioFileClip as AudioFileClip
from moviepy.video.io.VideoFileClip import VideoFileClip as VideoFileClip
