# loopguard: complete

from minio.minio import Minio as Minio
