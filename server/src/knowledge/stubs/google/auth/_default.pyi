# loopguard: complete
#
# Reads files, then asks the metadata server of the machine.

from typing import Any

@blocks("http")
def default(scopes=None, request=None, quota_project_id=None, **kwargs) -> Any: ...
@blocks("file", stall="inode")
def load_credentials_from_file(filename, scopes=None, **kwargs) -> Any: ...
