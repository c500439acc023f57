# Where an entity overrides the sync method, its service calls it in the executor.

@runs("thread", methods="process_image")
class ImageProcessingEntity: ...
