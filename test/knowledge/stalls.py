"""Runs the coroutine functions `test_*` of a program, each in a process of its own, and prints the longest stall of its event loop.

    python stalls.py PROGRAM [NAME...]

One line of JSON each: name, stall in seconds, and what it raised. A parameter asks by its name for what it should meet: a
port that accepts connections and says nothing, a folder, a locked database.
"""

import asyncio
import fcntl
import inspect
import json
import os
import pty
import runpy
import socket
import sqlite3
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixes"))
import databases

INTERVAL = 0.005
# What waits for ever in the background is given up after so many seconds.
PATIENCE = 1.5
# What does not come back is ended after so many seconds.
HANGS = 8
kept = []


def silent_port():
    server = socket.create_server(("127.0.0.1", 0), backlog=16)

    def accept():
        while True:
            kept.append(server.accept())

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


def full_port():
    """Nobody accepts, and no more connections may wait for it: whoever connects is left waiting."""
    server = socket.create_server(("127.0.0.1", 0), backlog=0)
    kept.append(server)
    for _ in range(4):
        waiting = socket.socket()
        waiting.setblocking(False)
        waiting.connect_ex(server.getsockname())
        kept.append(waiting)
    time.sleep(0.05)
    return server.getsockname()[1]


def silent_udp():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    kept.append(server)
    return server.getsockname()[1]


def slow_postgres():
    databases.DELAY = 1
    return databases.listen(databases.Postgres(os.path.join(folder(), "postgres.db")).serve)


def folder():
    return tempfile.mkdtemp(prefix="loopguard-stalls-")


def locked_database():
    """A database of SQLite to which somebody else is writing."""
    path = os.path.join(folder(), "locked.db")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("create table item (id integer primary key, name text)")
    holder.execute("begin exclusive")
    kept.append(holder)
    return path


def locked_file():
    path = os.path.join(folder(), "file.lock")
    # A lock of the process itself does not count against it.
    if os.fork() == 0:
        file = open(path, "w")
        fcntl.flock(file, fcntl.LOCK_EX)
        time.sleep(5)
        os._exit(0)
    time.sleep(0.2)
    return path


def silent_terminal():
    parent, child = pty.openpty()
    kept.append((parent, child))
    return os.ttyname(child)


ENDPOINTS = {
    "port": silent_port,
    "full_port": full_port,
    "udp": silent_udp,
    "postgres": slow_postgres,
    "folder": folder,
    "locked_database": locked_database,
    "locked_file": locked_file,
    "terminal": silent_terminal,
}


async def measure(function, arguments):
    longest = 0.0

    async def tick():
        nonlocal longest
        last = time.perf_counter()
        while True:
            await asyncio.sleep(INTERVAL)
            now = time.perf_counter()
            longest = max(longest, now - last - INTERVAL)
            last = now

    ticker = asyncio.create_task(tick())
    await asyncio.sleep(4 * INTERVAL)
    longest = 0.0
    error = ""
    try:
        await asyncio.wait_for(function(*arguments), PATIENCE)
    except BaseException as raised:
        error = f"{type(raised).__name__}: {raised}"
    # Lets the ticker see the end of a stall.
    await asyncio.sleep(4 * INTERVAL)
    ticker.cancel()
    return longest, error


def give_up(name, write):
    os.write(write, json.dumps({"name": name, "stall": HANGS, "error": "does not come back"}).encode() + b"\n")
    os._exit(1)


def run(name, function, write):
    threading.Thread(target=lambda: (time.sleep(HANGS), give_up(name, write)), daemon=True).start()
    arguments = [ENDPOINTS[parameter]() for parameter in inspect.signature(function).parameters]
    stall, error = asyncio.run(measure(function, arguments))
    os.write(write, json.dumps({"name": name, "stall": round(stall, 3), "error": error[:200]}).encode() + b"\n")


def main():
    program = runpy.run_path(sys.argv[1])
    wanted = sys.argv[2:]
    functions = {name: value for name, value in program.items() if name.startswith("test_") and (not wanted or name in wanted)}
    read, write = os.pipe()
    for name, function in functions.items():
        if os.fork() == 0:
            try:
                run(name, function, write)
            except BaseException as error:
                print(f"{name}: {error!r}", file=sys.stderr)
            finally:
                os._exit(0)
    os.close(write)
    with os.fdopen(read) as results:
        for line in results:
            print(line, end="", flush=True)


main()
