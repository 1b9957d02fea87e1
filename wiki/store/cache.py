"""Rendered pages kept on disk: a cache that may be deleted at any time.

Keyed by page and readers; the stored key says for which revision, plugins and
dependencies it holds. A fault of this database is a miss, never an error.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TABLE = """
CREATE TABLE IF NOT EXISTS rendered (
    page INTEGER NOT NULL, readers TEXT NOT NULL, key TEXT NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (page, readers)
) WITHOUT ROWID
"""


class RenderCache:
    """``get(page, readers, key)`` returns what ``put`` stored under the same key."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._local = threading.local()
        if path is not None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def get(self, page: int, readers: str, key: str) -> dict[str, Any] | None:
        with contextlib.suppress(sqlite3.Error, ValueError):
            row = (
                self._open()
                .execute(
                    "SELECT body FROM rendered WHERE page=? AND readers=? AND key=?",
                    (page, readers, key),
                )
                .fetchone()
            )
            return json.loads(row[0]) if row else None
        return None

    def put(self, page: int, readers: str, key: str, body: dict[str, Any]) -> None:
        # What is no JSON is not kept: the page is made again the next time.
        with contextlib.suppress(sqlite3.Error, TypeError, ValueError, RecursionError):
            self._open().execute(
                "INSERT OR REPLACE INTO rendered VALUES (?, ?, ?, ?)",
                (page, readers, key, json.dumps(body, ensure_ascii=False)),
            )

    def clear(self) -> None:
        """Forget all pages, so that the file holds nothing of them any more."""
        with contextlib.suppress(sqlite3.Error):
            connection = self._open()
            connection.execute("DELETE FROM rendered")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        for connection in self._connections():
            connection.close()

    def _connections(self) -> Iterator[sqlite3.Connection]:
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            yield connection

    def _open(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    def _connect(self) -> sqlite3.Connection:
        where = str(self._path) if self._path else ":memory:"
        try:
            return _prepared(where)
        except sqlite3.DatabaseError:
            # Damaged: it is only a cache, so begin again.
            with contextlib.suppress(OSError):
                os.remove(where)
            return _prepared(where)


def _prepared(where: str) -> sqlite3.Connection:
    # A cache may lose its last writes, so it never waits for the disk.
    connection = sqlite3.connect(where, isolation_level=None, timeout=2)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute(TABLE)
    if where != ":memory:":
        with contextlib.suppress(OSError):
            os.chmod(where, 0o600)
    return connection
