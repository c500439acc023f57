"""The application: `uvicorn weather_service.main:app`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from weather_service import jobs
from weather_service.cache import read_json
from weather_service.routes import client, router, storage
from weather_service.settings import BACKUP, DATA
from weather_service.worker import AsyncWorker


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.cities = await asyncio.to_thread(read_json, DATA / "cities.json")
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(AsyncWorker(storage).run()), tasks.create_task(jobs.back_up_daily(BACKUP))]
        yield
        for task in running:
            task.cancel()
    client.close()


app = FastAPI(lifespan=lifespan)
app.include_router(router)


@app.get("/health")
async def health() -> dict:
    # Once a minute by one monitor: not worth a thread.
    return {"written": (DATA / "observations.db").stat().st_mtime}  # loopguard: ignore[blocking-filesystem] one file
