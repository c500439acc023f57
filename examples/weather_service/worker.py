"""Takes measurements off a queue and stores them."""

import asyncio
import queue
import threading
import time

from weather_service.storage import Storage

Measurement = tuple[str, float]


class Worker:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._measurements: queue.Queue[Measurement] = queue.Queue()
        self._ready = threading.Event()

    def put(self, measurement: Measurement) -> None:
        # A queue without a size never makes anybody wait.
        self._measurements.put_nowait(measurement)
        self._ready.set()

    async def run(self) -> None:
        while True:
            city, temperature = self._measurements.get()
            await asyncio.to_thread(self._storage.add, city, temperature)

    async def settle(self) -> None:
        self._ready.wait(timeout=5)
        time.sleep(0.5)

    async def drain(self) -> int:
        drained = 0
        while not self._measurements.empty():
            self._measurements.get_nowait()
            drained += 1
            # Gives way to others and does not wait.
            time.sleep(0)
        return drained

    def run_in_thread(self) -> threading.Thread:
        thread = threading.Thread(target=self._consume, daemon=True)
        thread.start()
        return thread

    def _consume(self) -> None:
        while True:
            # A thread of its own may wait as long as it likes.
            self._storage.add(*self._measurements.get())


class AsyncWorker:
    """The same with an asyncio queue: nothing here blocks."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._measurements: asyncio.Queue[Measurement] = asyncio.Queue()

    async def run(self) -> None:
        while True:
            city, temperature = await self._measurements.get()
            await asyncio.to_thread(self._storage.add, city, temperature)
            self._measurements.task_done()
