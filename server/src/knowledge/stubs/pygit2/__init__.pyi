from typing import Any

from pygit2.remote import Remote as Remote

@blocks("network")
def clone_repository(url, path, bare=False, **kwargs) -> Any: ...
