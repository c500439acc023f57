# An entity without async_update() is updated in the executor; what it tells of itself is read on the loop.

from typing import Any

from homeassistant.core import HomeAssistant

@runs("loop", methods="name state available icon unique_id device_info extra_state_attributes device_state_attributes")
class Entity:
    hass: HomeAssistant
    @runs("thread")
    def update(self): ...
    def async_on_remove(self, func: Runs["loop"]): ...

@runs("loop", methods="is_on")
class ToggleEntity(Entity):
    @runs("thread")
    def turn_on(self, **kwargs: Any) -> None: ...
    @runs("thread")
    def turn_off(self, **kwargs: Any) -> None: ...
    @runs("thread")
    def toggle(self, **kwargs: Any) -> None: ...
