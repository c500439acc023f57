# loopguard: complete
#
# Text is only parsed; an address would be fetched, which cannot be told from here.

from typing import Any

@blocks("cpu", stall="large-input", gil="held")
def parse(url_file_stream_or_string, etag=None, modified=None, **kwargs) -> Any: ...
