# A ServerProxy sends what is called on it: its attributes are _Methods.

class _Method:
    @blocks("http")
    def __call__(self, *args): ...

# The calls collected so far, sent together.
class MultiCall:
    @blocks("http")
    def __call__(self): ...

class Transport:
    @blocks("http")
    def request(self, host, handler, request_body, verbose=False): ...
    @blocks("http")
    def single_request(self, host, handler, request_body, verbose=False): ...
