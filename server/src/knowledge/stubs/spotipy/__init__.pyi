from spotipy.client import Spotify as Spotify
