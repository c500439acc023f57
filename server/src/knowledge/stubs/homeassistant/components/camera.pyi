# Where an entity overrides the sync method, its service calls it in the executor.

@runs("thread", methods="camera_image turn_on turn_off enable_motion_detection disable_motion_detection")
class Camera: ...
