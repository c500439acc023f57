# loopguard: complete

class FutureRecordMetadata:
    @blocks("network", timeout="timeout")
    def get(self, timeout=None): ...
