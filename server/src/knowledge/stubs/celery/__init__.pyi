# loopguard: complete

from celery.app.base import Celery as Celery
from celery.app.task import Task as Task
