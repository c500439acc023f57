"""Tells people about storms, by mail and through another service."""

import asyncio
import smtplib
from email.message import EmailMessage

import aiohttp
import requests

from weather_service.settings import ALERT_URL, MAIL_HOST


def subscribe(city: str, address: str) -> None:
    # Right in a script, wrong below a coroutine: a loop runs there already.
    asyncio.run(subscribe_async(city, address))


async def subscribe_async(city: str, address: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(ALERT_URL, json={"city": city, "address": address}) as response:
            response.raise_for_status()


async def current(city: str) -> list[str]:
    response = requests.get(f"{ALERT_URL}/{city}", timeout=5)
    response.raise_for_status()
    return response.json()


def send_mail(city: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"] = f"Weather in {city}"
    message.set_content(text)
    with smtplib.SMTP(MAIL_HOST, timeout=30) as server:
        server.send_message(message)
