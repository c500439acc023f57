# loopguard: complete

from tweepy.client import Client as Client
