# What a sensor measures is read on the loop; a sync update() is called in the executor.

from homeassistant.helpers.entity import Entity

@runs("loop", methods="native_value native_unit_of_measurement state_class last_reset")
class SensorEntity(Entity): ...
