from homeassistant.helpers.entity import ToggleEntity

@runs("loop", methods="brightness")
class LightEntity(ToggleEntity): ...
