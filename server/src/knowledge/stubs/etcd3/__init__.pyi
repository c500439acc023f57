# loopguard: complete

from etcd3.client import Etcd3Client as Etcd3Client
from etcd3.client import client as client
