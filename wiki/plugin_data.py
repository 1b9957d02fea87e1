"""Tables of a plugin's own: one SQLite file, brought up to date by numbered steps.

A plugin cannot spoil the wiki's database, and its data go with its folder.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from .errors import Busy, NoSpace, ReadOnly, WikiError

WAIT = 5.0  # seconds for another process that writes
Row = sqlite3.Row


class Database:
    """A file of tables. ``steps`` are SQL, each run once and in order, all or none.

    A step that was published is never changed: a newer version adds one. Raises
    RuntimeError where the file was made by a newer version, sqlite3.Error for a step
    that is wrong; the file is as it was then. May be used by any number of threads.
    """

    def __init__(self, path: Path, steps: tuple[str, ...]) -> None:
        self._path = path
        path.touch(mode=0o600)
        if self._done() > len(steps):
            raise RuntimeError("its data were written by a newer version of it")
        if self._done() < len(steps):
            self._bring_up(steps)

    def _done(self) -> int:
        return int(self.rows("PRAGMA user_version")[0][0])

    def _bring_up(self, steps: tuple[str, ...]) -> None:
        with self.writing() as at:
            # Asked again: another process may have been faster.
            done = int(at.execute("PRAGMA user_version").fetchone()[0])
            for step in steps[done:]:
                for one in _statements(step):
                    at.execute(one)
            at.execute(f"PRAGMA user_version = {len(steps)}")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Do several things, all or none; raises Busy, NoSpace, ReadOnly."""
        try:
            with closing(sqlite3.connect(self._path, WAIT, isolation_level=None)) as at:
                at.row_factory = sqlite3.Row
                at.execute("PRAGMA foreign_keys = ON")
                at.execute("BEGIN IMMEDIATE")
                with at:
                    yield at
        except sqlite3.OperationalError as error:
            raise _said(error) from error

    def run(self, sql: str, *values: Any) -> int:
        """Change something; return the id of a new row."""
        with self.writing() as at:
            return at.execute(sql, values).lastrowid or 0

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Return what a query finds; columns by name."""
        with closing(sqlite3.connect(self._path, WAIT)) as at:
            at.row_factory = sqlite3.Row
            return at.execute(sql, values).fetchall()


def _statements(step: str) -> Iterator[str]:
    """Yield the statements of a step: executescript would commit between them."""
    text = ""
    for part in step.split(";"):
        text += part + ";"
        if sqlite3.complete_statement(text):
            if text.strip(" \n;"):
                yield text
            text = ""


_CODES: dict[int, type[WikiError]] = {
    sqlite3.SQLITE_BUSY: Busy,
    sqlite3.SQLITE_LOCKED: Busy,
    sqlite3.SQLITE_FULL: NoSpace,
    sqlite3.SQLITE_READONLY: ReadOnly,
}


def _said(error: sqlite3.OperationalError) -> Exception:
    """Return the error with a sentence for people, where there is one."""
    known = _CODES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return known() if known else error
