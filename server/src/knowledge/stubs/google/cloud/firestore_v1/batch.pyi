class WriteBatch:
    @blocks("network", timeout="timeout")
    @twin("google.cloud.firestore.AsyncWriteBatch.commit", differs="of an AsyncClient")
    def commit(self, retry=..., timeout=None) -> list: ...
