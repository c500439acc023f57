# loopguard: complete

from requests import Response

class HTTPAdapter:
    @blocks("http", timeout="timeout")
    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None) -> Response: ...
