"""What is kept: endpoints, and messages with how their delivery went. SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOGGED = 100  # messages that are done with
TABLES = """
CREATE TABLE IF NOT EXISTS endpoint (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, url TEXT NOT NULL,
    secrets TEXT NOT NULL, events TEXT NOT NULL, folder TEXT NOT NULL,
    audience TEXT NOT NULL, seq INTEGER NOT NULL, act INTEGER NOT NULL,
    off TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint INTEGER NOT NULL
    REFERENCES endpoint ON DELETE CASCADE, key TEXT NOT NULL, subject TEXT NOT NULL,
    type TEXT NOT NULL, body TEXT NOT NULL, made INTEGER NOT NULL, due REAL,
    tries INTEGER NOT NULL DEFAULT 0, answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS due ON message (due) WHERE due IS NOT NULL;
"""
# The first that waits of each subject, where its endpoint is on.
DUE = """
SELECT m.* FROM message m JOIN endpoint e ON e.id = m.endpoint
WHERE m.due <= ? AND e.off = '' AND NOT EXISTS (
    SELECT 1 FROM message b WHERE b.endpoint = m.endpoint AND b.subject = m.subject
    AND b.id < m.id AND b.due IS NOT NULL)
ORDER BY m.id LIMIT 1
"""
PRUNE = """
DELETE FROM message WHERE due IS NULL AND id NOT IN (
    SELECT id FROM message WHERE due IS NULL ORDER BY id DESC LIMIT ?)
"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``secrets`` and ``events`` are words; ``off`` says why nothing is sent.

    ``seq`` and ``act`` are the last change and the last act it was told of.
    """

    id: int
    name: str
    url: str
    secrets: str
    events: str
    folder: str
    audience: str
    seq: int
    act: int
    off: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """``due`` is when it is sent next (s), None once it is done with; ``made`` ms."""

    id: int
    endpoint: int
    key: str
    subject: str
    type: str
    body: str
    made: int
    due: float | None
    tries: int
    answer: str


class Keeping:
    """The file. Every method is a transaction of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch(mode=0o600)
        with self._open() as db:
            db.executescript(TABLES)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=5)) as db:
            db.execute("PRAGMA foreign_keys = ON")
            with db:
                yield db

    def endpoints(self) -> list[Endpoint]:
        with self._open() as db:
            return [Endpoint(*it) for it in db.execute("SELECT * FROM endpoint")]

    def endpoint(self, id: int) -> Endpoint | None:
        return next((it for it in self.endpoints() if it.id == id), None)

    def add(self, **values: Any) -> None:
        """Keep a new endpoint; raises sqlite3.IntegrityError for a name taken."""
        fields, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        with self._open() as db:
            db.execute(f"INSERT INTO endpoint ({fields}) VALUES ({places})", values)

    def change(self, id: int, **values: Any) -> None:
        fields = ", ".join(f"{name} = :{name}" for name in values)
        with self._open() as db:
            db.execute(f"UPDATE endpoint SET {fields} WHERE id = :id", values | {"id": id})

    def remove(self, id: int) -> None:
        with self._open() as db:
            db.execute("DELETE FROM endpoint WHERE id = ?", [id])

    def put(self, endpoint: Endpoint, rows: list[dict[str, Any]], **reached: int) -> None:
        """Keep messages to be sent, and how far their endpoint has been told."""
        names = ("key", "subject", "type", "body", "made", "due")
        places = ", ".join(f":{name}" for name in names)
        into = f"INSERT INTO message (endpoint, {', '.join(names)})"
        with self._open() as db:
            db.executemany(f"{into} VALUES ({endpoint.id}, {places})", rows)
            for field, value in reached.items():
                db.execute(
                    f"UPDATE endpoint SET {field} = ? WHERE id = ?", [value, endpoint.id]
                )

    def waiting(self, endpoint: int) -> int:
        query = "SELECT count(*) FROM message WHERE endpoint = ? AND due IS NOT NULL"
        with self._open() as db:
            return int(db.execute(query, [endpoint]).fetchone()[0])

    def due(self, now: float, but: set[int]) -> Message | None:
        """Return the next message to send, to none of the endpoints ``but``."""
        out = f" AND m.endpoint NOT IN ({', '.join(map(str, but))})" if but else ""
        with self._open() as db:
            row = db.execute(DUE.replace(" AND NOT", out + " AND NOT", 1), [now])
            found = row.fetchone()
        return Message(*found) if found else None

    def messages(self, id: int | None = None) -> list[Message]:
        """Return messages, the newest first, or the one with an id."""
        query = "SELECT * FROM message WHERE ? IS NULL OR id = ? ORDER BY id DESC"
        with self._open() as db:
            rows = db.execute(f"{query} LIMIT ?", [id, id, LOGGED])
            return [Message(*row) for row in rows]

    def tried(self, id: int, tries: int, answer: str, due: float | None) -> None:
        values = [tries, answer, due, id]
        with self._open() as db:
            db.execute("UPDATE message SET tries=?, answer=?, due=? WHERE id=?", values)
            db.execute(PRUNE, [LOGGED])
