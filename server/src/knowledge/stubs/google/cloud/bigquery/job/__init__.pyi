# loopguard: complete

from google.cloud.bigquery.job.load import LoadJob as LoadJob
from google.cloud.bigquery.job.query import QueryJob as QueryJob
