# The response of urlopen() is read from the network as well, but typeshed gives it no type: its reads are part of the
# same wait.

@blocks("http", timeout="timeout")
@twin("aiohttp.ClientSession.get", differs="a session opened with async with, whose response is read with await")
@twin("httpx.AsyncClient.get", differs="a client opened with async with")
def urlopen(url, data=None, timeout=..., *, context=None): ...
@blocks("http")
def urlretrieve(url, filename=None, reporthook: Runs["now"] = None, data=None): ...

class OpenerDirector:
    @blocks("http", timeout="timeout")
    def open(self, fullurl, data=None, timeout=...): ...

# Gone in Python 3.14.
class URLopener:
    @blocks("http")
    def open(self, fullurl, data=None): ...
    @blocks("http")
    def retrieve(self, url, filename=None, reporthook: Runs["now"] = None, data=None): ...
