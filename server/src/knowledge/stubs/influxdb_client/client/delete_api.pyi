# loopguard: complete

class DeleteApi:
    @blocks("database")
    def delete(self, start, stop, predicate, bucket, org=None) -> None: ...
