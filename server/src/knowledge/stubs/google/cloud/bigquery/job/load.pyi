# loopguard: complete

from google.cloud.bigquery.job.base import _AsyncJob

class LoadJob(_AsyncJob): ...
