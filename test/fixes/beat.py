"""Runs a program beside a heartbeat and writes the longest stall of its event loop, in seconds, to a file.

    python beat.py PROGRAM RESULT
"""

import asyncio
import os
import runpy
import sys
import time

import databases

INTERVAL = 0.005
longest = 0.0


class Beat:
    """Time between two beats, beyond the interval itself."""

    def __init__(self):
        self.last = time.perf_counter()

    def tick(self):
        global longest
        now = time.perf_counter()
        longest = max(longest, now - self.last - INTERVAL)
        self.last = now


async def beside_asyncio(main):
    beat = Beat()

    async def run():
        while True:
            await asyncio.sleep(INTERVAL)
            beat.tick()

    task = asyncio.create_task(run())
    await asyncio.sleep(0)
    try:
        return await main
    finally:
        beat.tick()
        task.cancel()


def watch_asyncio():
    run = asyncio.run
    asyncio.run = lambda main, **kwargs: run(beside_asyncio(main), **kwargs)


def watch_structured(library, open_group):
    run = library.run

    async def beside(function, arguments):
        beat = Beat()

        async def tick():
            while True:
                await library.sleep(INTERVAL)
                beat.tick()

        async with open_group() as group:
            group.start_soon(tick)
            await library.sleep(0)
            try:
                return await function(*arguments)
            finally:
                beat.tick()
                group.cancel_scope.cancel()

    library.run = lambda function, *arguments: run(beside, function, arguments)


def main():
    program, result = sys.argv[1:]
    watch_asyncio()
    try:
        import trio

        watch_structured(trio, trio.open_nursery)
    except ImportError:
        pass
    try:
        import anyio

        watch_structured(anyio, anyio.create_task_group)
    except ImportError:
        pass
    with open(program, encoding="utf-8", errors="replace") as file:
        text = file.read()
    # Each run has databases of its own.
    if "REDIS" in text:
        os.environ["REDIS"] = str(databases.listen(databases.Redis().serve))
    if "POSTGRES" in text:
        os.environ["POSTGRES"] = str(databases.listen(databases.Postgres("postgres.db").serve))
    sys.argv = [program]
    try:
        runpy.run_path(program, run_name="__main__")
    finally:
        sys.stdout.flush()
        with open(result, "w") as file:
            file.write(repr(longest))


main()
