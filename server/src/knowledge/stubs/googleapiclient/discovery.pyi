# loopguard: complete
#
# The descriptions of the services ship with the package; read one from disk for each client.

from typing import Any

from googleapiclient.http import HttpRequest

@blocks("file")
def build(serviceName, version, http=None, **kwargs) -> Resource: ...
def build_from_document(service, base=None, **kwargs) -> Resource: ...

class Resource: ...
