# loopguard: complete

from pymongo.asynchronous.mongo_client import AsyncMongoClient as AsyncMongoClient
from pymongo.mongo_client import MongoClient as MongoClient
