# loopguard: complete

from mongoengine.queryset.queryset import QuerySet as QuerySet
