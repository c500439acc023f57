"""Work in the background, in threads."""

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from weather_service.client import ForecastClient
from weather_service.settings import DATA, FORECAST_URL

client = ForecastClient(FORECAST_URL)
pool = ThreadPoolExecutor(max_workers=4)


async def warm_up(cities: list[str]) -> None:
    # Leaving the block waits for all that was submitted.
    with ThreadPoolExecutor(max_workers=4) as workers:
        for city in cities:
            workers.submit(client.forecast, city)


async def warm_up_beside_the_loop(cities: list[str]) -> list[dict]:
    loop = asyncio.get_running_loop()
    return await asyncio.gather(*(loop.run_in_executor(pool, client.forecast, city) for city in cities))


async def forecast(city: str) -> dict:
    # A thread does the work, and the loop waits for the thread.
    return pool.submit(client.forecast, city).result()


async def forecast_beside_the_loop(city: str) -> dict:
    return await asyncio.wrap_future(pool.submit(client.forecast, city))


async def back_up(target: Path) -> None:
    shutil.copytree(DATA, target)


async def back_up_beside_the_loop(target: Path) -> None:
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, partial(shutil.copytree, DATA, target, dirs_exist_ok=True))


async def back_up_daily(target: Path) -> None:
    while True:
        await asyncio.sleep(24 * 60 * 60)
        await back_up_beside_the_loop(target)
