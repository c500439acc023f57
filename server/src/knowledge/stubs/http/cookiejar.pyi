# loopguard: complete
#
# Cookies live in memory; only what keeps them reads and writes files.

class FileCookieJar:
    @blocks("file")
    def load(self, filename=None, ignore_discard=False, ignore_expires=False): ...
    @blocks("file")
    def revert(self, filename=None, ignore_discard=False, ignore_expires=False): ...
    @blocks("file")
    def save(self, filename=None, ignore_discard=False, ignore_expires=False): ...

class MozillaCookieJar:
    @blocks("file")
    def save(self, filename=None, ignore_discard=False, ignore_expires=False): ...

class LWPCookieJar:
    @blocks("file")
    def save(self, filename=None, ignore_discard=False, ignore_expires=False): ...
