# Where an entity overrides the sync method, its service calls it in the executor.

@runs("thread", methods="set_temperature set_operation_mode turn_away_mode_on turn_away_mode_off")
class WaterHeaterEntity: ...
