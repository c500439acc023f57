# Documents and what they ask are described; fields are not.

from mongoengine.connection import connect as connect
from mongoengine.document import Document as Document
from mongoengine.document import DynamicDocument as DynamicDocument
from mongoengine.queryset import QuerySet as QuerySet
