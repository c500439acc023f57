# loopguard: complete

from tweepy.api import API as API
from tweepy.client import Client as Client
