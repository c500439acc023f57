# Where an entity overrides the sync method, its service calls it in the executor.

@runs("thread", methods="turn_on turn_off mute_volume set_volume_level media_play media_pause media_stop media_previous_track media_next_track media_seek play_media select_source select_sound_mode clear_playlist set_shuffle set_repeat")
class MediaPlayerEntity: ...
