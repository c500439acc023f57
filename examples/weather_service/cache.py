"""Forecasts kept on disk. What blocks lies three calls below what the routes call."""

import json
from pathlib import Path

from weather_service.settings import DATA


class ForecastCache:
    def __init__(self, folder: Path = DATA / "cache") -> None:
        self._folder = folder
        self._memory: dict[str, dict] = {}

    def lookup(self, city: str) -> dict | None:
        if city not in self._memory:
            stored = self._load(city)
            if stored is None:
                return None
            self._memory[city] = stored
        return self._memory[city]

    def remember(self, city: str, forecast: dict) -> None:
        # A dictionary in memory: nothing waits.
        self._memory[city] = forecast

    def _load(self, city: str) -> dict | None:
        path = self._folder / f"{city}.json"
        if not path.exists():
            return None
        return read_json(path)


def read_json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))
