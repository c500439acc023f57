# Where an entity overrides the sync method, its service calls it in the executor.

@runs("thread", methods="open_cover close_cover set_cover_position stop_cover open_cover_tilt close_cover_tilt set_cover_tilt_position stop_cover_tilt")
class CoverEntity: ...
