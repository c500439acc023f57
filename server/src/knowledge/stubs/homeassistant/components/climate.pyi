# Where an entity overrides the sync method, its service calls it in the executor.

@runs("thread", methods="set_temperature set_humidity set_fan_mode set_hvac_mode set_swing_mode set_preset_mode turn_aux_heat_on turn_aux_heat_off")
class ClimateEntity: ...
