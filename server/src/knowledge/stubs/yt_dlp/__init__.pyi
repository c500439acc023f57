# loopguard: complete

from yt_dlp.YoutubeDL import YoutubeDL as YoutubeDL
