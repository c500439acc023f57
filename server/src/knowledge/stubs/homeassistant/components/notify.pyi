# Where the sync method is overridden, it is called in the executor.

@runs("thread", methods="send_message")
class BaseNotificationService: ...
