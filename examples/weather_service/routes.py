"""The HTTP interface."""

import asyncio

from fastapi import APIRouter, BackgroundTasks, HTTPException

from weather_service import accounts, alerts, report
from weather_service.cache import ForecastCache
from weather_service.client import ForecastClient
from weather_service.settings import DATA, DATABASE, FORECAST_URL
from weather_service.storage import Storage, export, export_path

router = APIRouter(prefix="/weather")
client = ForecastClient(FORECAST_URL)
storage = Storage(DATABASE)
cache = ForecastCache()


@router.get("/{city}")
async def forecast(city: str) -> dict:
    known = cache.lookup(city)
    if known is None:
        known = client.forecast(city)
        cache.remember(city, known)
    return known


@router.get("/{city}/later")
async def forecast_in_a_thread(city: str) -> dict:
    # The same call, but a thread waits and the loop goes on.
    return await asyncio.to_thread(client.forecast, city)


@router.post("/{city}/observations")
async def observe(city: str, temperature: float) -> None:
    storage.add(city, temperature)


@router.get("/{city}/history")
def history(city: str) -> list[tuple]:
    # FastAPI runs a plain `def` in a thread: it may wait.
    return storage.history(city)


@router.post("/{city}/export")
async def export_history(city: str, tasks: BackgroundTasks) -> str:
    target = export_path(DATA, city)
    rows = await asyncio.to_thread(storage.history, city)
    # FastAPI runs a synchronous background task in a thread.
    tasks.add_task(export, rows, target)
    return target.name


@router.post("/{city}/report")
async def make_report(city: str) -> str:
    return report.render(city)


@router.post("/{city}/report/fast")
async def make_report_beside_the_loop(city: str) -> str:
    return await report.render_async(city)


@router.put("/{city}/report")
async def keep_report(city: str) -> str:
    target = await report.keep(city, DATA)
    return target.name


@router.post("/login")
async def login(name: str, password: str) -> None:
    if not accounts.is_right(name, password):
        raise HTTPException(status_code=401)


@router.post("/{city}/subscribe")
async def subscribe(city: str, address: str) -> None:
    alerts.subscribe(city, address)


@router.get("/{city}/alerts")
async def current_alerts(city: str) -> list[str]:
    return await alerts.current(city)


@router.post("/{city}/alert")
async def alert(city: str, text: str) -> None:
    alerts.send_mail(city, text)
