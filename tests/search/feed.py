"""A source of pages in one SQLite file, so that several processes can share it.

Also a program: ``python feed.py <job> <folder> ...`` runs one side of a test in a
process of its own.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from wiki.model.actor import Sees, may_see
from wiki.search.base import Document
from wiki.search.engines import make_engine
from wiki.search.finder import Finder
from wiki.search.follower import Follower

_TABLES = """
CREATE TABLE IF NOT EXISTS page (id INTEGER PRIMARY KEY, name TEXT, document TEXT);
CREATE TABLE IF NOT EXISTS feed (seq INTEGER PRIMARY KEY AUTOINCREMENT, page INTEGER);
"""


class Feed:
    """Pages and their changes; implements ``wiki.search.base.Source``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._connection().executescript(_TABLES)

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            connection = sqlite3.connect(
                self._path, timeout=30, check_same_thread=False, isolation_level=None
            )
            connection.execute("PRAGMA journal_mode=WAL")
            self._local.connection = connection
            self._open.append(connection)
        found: sqlite3.Connection = self._local.connection
        return found

    def close(self) -> None:
        for connection in self._open:
            connection.close()

    # -- writing

    def save(self, *documents: Document) -> None:
        """Write pages and their changes in one transaction."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        for document in documents:
            cursor = connection.execute(
                "INSERT INTO feed (page) VALUES (?)", (document.id,)
            )
            new = replace(document, seq=cursor.lastrowid or 0)
            connection.execute(
                "INSERT OR REPLACE INTO page VALUES (?, ?, ?)",
                (new.id, new.name, json.dumps(asdict(new))),
            )
        connection.execute("COMMIT")

    def delete(self, id: int) -> None:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM page WHERE id = ?", (id,))
        connection.execute("INSERT INTO feed (page) VALUES (?)", (id,))
        connection.execute("COMMIT")

    # -- what search reads

    def last_seq(self) -> int:
        row = self._connection().execute("SELECT max(seq) FROM feed").fetchone()
        return row[0] or 0

    def changes(self, after_seq: int, limit: int) -> list[tuple[int, int]]:
        sql = "SELECT seq, page FROM feed WHERE seq > ? ORDER BY seq LIMIT ?"
        return self._connection().execute(sql, (after_seq, limit)).fetchall()

    def documents(self, ids: Sequence[int]) -> dict[int, Document]:
        rows = self._rows("id", ids)
        return {document.id: document for document in rows}

    def ids(self, after: int, limit: int) -> list[int]:
        sql = "SELECT id FROM page WHERE id > ? ORDER BY id LIMIT ?"
        return [row[0] for row in self._connection().execute(sql, (after, limit))]

    def audiences(self, names: Sequence[str]) -> dict[str, str]:
        return {row.name: row.audience for row in self._rows("name", names)}

    def titles(self, text: str, limit: int, sees: Sees) -> list[tuple[int, str, str]]:
        sql = "SELECT document FROM page ORDER BY id"
        pages = [_document(row[0]) for row in self._connection().execute(sql)]
        return [
            (page.id, page.name, page.title)
            for page in pages
            if may_see(sees, page.audience) and text.lower() in page.title.lower()
        ][:limit]

    def _rows(self, column: str, values: Sequence[object]) -> list[Document]:
        places = ",".join("?" * len(values))
        sql = f"SELECT document FROM page WHERE {column} IN ({places})"
        return [_document(row[0]) for row in self._connection().execute(sql, values)]


def _document(text: str) -> Document:
    found = json.loads(text)
    lists = {key: tuple(v) for key, v in found.items() if isinstance(v, list)}
    return Document(**{**found, **lists})


# -- jobs in a process of their own


def follow(folder: Path) -> None:
    """Follow until the process is killed or its input ends."""
    stop = threading.Event()
    follower = Follower(
        lambda: make_engine("whoosh"),
        Feed(folder / "feed.db"),
        folder / "lock" / "search.lock",
        folder / "index",
    )
    thread = threading.Thread(target=follower.run, args=(stop,))
    thread.start()
    print("following", flush=True)
    sys.stdin.read()
    stop.set()
    thread.join()


def answer(folder: Path) -> None:
    """Answer each query of a line with the ids found."""
    finder = Finder(make_engine("whoosh"), Feed(folder / "feed.db"), folder / "index")
    print("ready", flush=True)
    for line in sys.stdin:
        results = finder.search(line.rstrip("\n"), None)
        found = [hit.id for hit in results.hits]
        print(json.dumps([results.total, found, results.current]), flush=True)


if __name__ == "__main__":
    jobs = {"follow": follow, "answer": answer}
    jobs[sys.argv[1]](Path(sys.argv[2]))
