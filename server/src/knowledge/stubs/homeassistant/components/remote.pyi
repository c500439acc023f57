# Where an entity overrides the sync method, its service calls it in the executor.

@runs("thread", methods="send_command learn_command delete_command")
class RemoteEntity: ...
