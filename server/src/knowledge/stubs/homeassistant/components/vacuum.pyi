# Where an entity overrides the sync method, its service calls it in the executor.

@runs("thread", methods="stop return_to_base clean_spot locate set_fan_speed send_command")
class _BaseVacuum: ...

@runs("thread", methods="turn_on turn_off start_pause")
class VacuumEntity: ...

@runs("thread", methods="start pause")
class StateVacuumEntity: ...
