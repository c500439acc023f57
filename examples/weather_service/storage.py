"""Observations in SQLite, exports in plain files. Everything here is synchronous."""

import csv
import sqlite3
from pathlib import Path


class Storage:
    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, city: str, temperature: float) -> None:
        with self._connect() as connection:
            connection.execute("INSERT INTO observations VALUES (?, ?)", (city, temperature))

    def history(self, city: str) -> list[tuple]:
        cursor = self._connect().execute("SELECT * FROM observations WHERE city = ?", (city,))
        return cursor.fetchall()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path)


def export(rows: list[tuple], target: Path) -> Path:
    with target.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return target


def export_path(folder: Path, city: str) -> Path:
    # Path arithmetic asks no disk.
    return (folder / city.lower()).with_suffix(".csv")
