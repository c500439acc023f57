from s3fs.core import S3FileSystem as S3FileSystem
