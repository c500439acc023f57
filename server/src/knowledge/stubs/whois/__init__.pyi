# loopguard: complete

from typing import Any

@blocks("network", timeout="timeout")
def whois(url, command=False, flags=0, inc_raw=False, quiet=False, ignore_socket_errors=True, convert_punycode=True, timeout=10) -> Any: ...
