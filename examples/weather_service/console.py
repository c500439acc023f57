"""A console for the administrator."""

import asyncio
import socket
from pathlib import Path

from weather_service.jobs import back_up


async def main() -> None:
    target = input("Where does the backup go? ")
    await back_up(Path(target))


async def is_reachable(host: str) -> bool:
    try:
        socket.create_connection((host, 443), timeout=3).close()
    except OSError:
        return False
    return True


async def is_reachable_beside_the_loop(host: str) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, 443)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


if __name__ == "__main__":
    asyncio.run(main())
