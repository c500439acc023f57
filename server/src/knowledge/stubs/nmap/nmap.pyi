from typing import Any

class PortScanner:
    # Asks for nmap's version.
    @blocks("process")
    def __init__(self, nmap_search_path=...): ...
    @blocks("process")
    def scan(self, hosts="127.0.0.1", ports=None, arguments="-sV", sudo=False) -> Any: ...
