"""Asks the forecast service. Synchronous, since the command line tools use it too."""

import time

import requests


class ForecastError(Exception):
    """The service gave no usable answer."""


class ForecastClient:
    def __init__(self, base_url: str, retries: int = 3) -> None:
        self._base_url = base_url
        self._retries = retries
        self._session = requests.Session()

    def forecast(self, city: str) -> dict:
        return self._get(f"/forecast/{city}")

    def _get(self, path: str) -> dict:
        for attempt in range(self._retries):
            response = self._session.get(self._base_url + path, timeout=10)
            if response.ok:
                return response.json()
            time.sleep(2**attempt)
        raise ForecastError(path)

    def close(self) -> None:
        # Closing a session does not wait: coroutines may call it.
        self._session.close()
