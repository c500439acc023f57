# loopguard: complete
#
# A zone is read from disk once and kept.

class ZoneInfo:
    @blocks("file", stall="once")
    def __new__(cls, key): ...
    @classmethod
    @blocks("file", stall="inode")
    def no_cache(cls, key): ...

@blocks("filesystem", stall="tree")
def available_timezones(): ...
