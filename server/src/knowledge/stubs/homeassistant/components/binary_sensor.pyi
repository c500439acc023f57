from homeassistant.helpers.entity import Entity

@runs("loop", methods="is_on")
class BinarySensorEntity(Entity): ...
