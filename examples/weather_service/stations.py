"""Reads the stations in the field. Written for the loop from the start: nothing here blocks."""

import asyncio
import io
from collections.abc import AsyncIterator

import aiohttp

LIMIT = asyncio.Semaphore(10)


async def readings(addresses: list[str]) -> list[dict]:
    async with aiohttp.ClientSession() as session:
        return await asyncio.gather(*(reading(session, address) for address in addresses))


async def reading(session: aiohttp.ClientSession, address: str) -> dict:
    async with LIMIT, session.get(f"http://{address}/reading") as response:
        response.raise_for_status()
        return await response.json()


async def lines(host: str, port: int) -> AsyncIterator[str]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        async for line in reader:
            yield line.decode().strip()
    finally:
        writer.close()
        await writer.wait_closed()


async def table(addresses: list[str]) -> str:
    # Written to memory, not to a file.
    text = io.StringIO()
    for row in await readings(addresses):
        text.write(f"{row['station']}\t{row['temperature']}\n")
    return text.getvalue()
