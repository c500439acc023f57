# loopguard: complete

class QueueListener:
    # Joins the listener's thread.
    @blocks("wait")
    def stop(self): ...
