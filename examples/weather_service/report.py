"""Reports, drawn by a program of their own."""

import asyncio
import subprocess
from pathlib import Path

COMMAND = ["weather-report", "--pdf"]


def render(city: str) -> str:
    done = subprocess.run([*COMMAND, city], capture_output=True, text=True, check=True)
    return done.stdout


async def render_async(city: str) -> str:
    process = await asyncio.create_subprocess_exec(*COMMAND, city, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return output.decode()


async def keep(city: str, folder: Path) -> Path:
    text = await render_async(city)
    target = folder / f"{city}.txt"
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)
    return target
