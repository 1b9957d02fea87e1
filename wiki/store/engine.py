"""The database engine: opening, connections, transactions, errors in plain words.

What differs between SQLite and PostgreSQL belongs here and nowhere else: how a write
begins, how a foreign commit is noticed, what an error code means.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from wiki.errors import Busy, CorruptData, NoSpace, ReadOnly, WikiError

from .read_only import ReadOnlyFlag

_PRAGMAS = (
    # A writer outside the wiki (a backup, a shell) is waited for this long.
    "PRAGMA busy_timeout = 10000",
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
)

# Readers are done in milliseconds; a copy being made may take longer.
_SCRUB_SECONDS = 20.0

_BY_CODE: dict[int, type[WikiError]] = {
    sqlite3.SQLITE_BUSY: Busy,
    sqlite3.SQLITE_LOCKED: Busy,
    sqlite3.SQLITE_FULL: NoSpace,
    sqlite3.SQLITE_READONLY: ReadOnly,
    sqlite3.SQLITE_CANTOPEN: ReadOnly,
    sqlite3.SQLITE_IOERR: ReadOnly,
    sqlite3.SQLITE_PERM: ReadOnly,
    sqlite3.SQLITE_CORRUPT: CorruptData,
    sqlite3.SQLITE_NOTADB: CorruptData,
}


def in_plain_words(error: DBAPIError) -> Exception:
    """Return the error a person can act on, or the error itself."""
    found = in_plain_words_of(error.orig)
    return error if found is error.orig else found


def in_plain_words_of(error: BaseException | None) -> Exception:
    """Return the error a person can act on for one of SQLite's, or the error itself."""
    code = getattr(error, "sqlite_errorcode", None)
    # The low byte is the primary code; the rest says where it happened.
    known = _BY_CODE.get(code & 0xFF) if isinstance(code, int) else None
    return known() if known else cast(Exception, error)


def _prepare(connection: Any, _record: object) -> None:
    # The driver must not begin or commit by itself: the store says when.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


class Database:
    """One SQLite file; connections are reused by whichever thread comes next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read_only = ReadOnlyFlag(path.parent)
        self._engine = create_engine(
            f"sqlite:///{path}",
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"check_same_thread": False},
        )
        event.listen(self._engine, "connect", _prepare)
        self._idle: deque[Connection] = deque()
        self._pid = os.getpid()
        self._watch: sqlite3.Connection | None = None
        self._watch_lock = threading.Lock()
        # Connections of the parent process: never touched, never closed here.
        self._before_fork: list[object] = []

    def _forget_parent(self) -> None:
        self._before_fork += [*self._idle, self._watch]
        self._idle, self._watch = deque(), None
        self._watch_lock = threading.Lock()
        self._pid = os.getpid()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection; each statement sees the newest commit."""
        if self._pid != os.getpid():
            self._forget_parent()
        try:
            connection = self._idle.pop() if self._idle else self._engine.connect()
        except IndexError:
            connection = self._engine.connect()
        except DBAPIError as error:
            raise in_plain_words(error) from error
        try:
            yield connection
        except DBAPIError as error:
            connection.close()
            raise in_plain_words(error) from error
        except BaseException:
            self._idle.append(connection)
            raise
        self._idle.append(connection)

    @contextmanager
    def writing(self, *, always: bool = False) -> Iterator[Connection]:
        """Lend a connection in a write transaction, committed at the end of the block.

        Rolled back when the block raises. Raises Busy, NoSpace, ReadOnly, CorruptData;
        ReadOnlyForNow while the wiki is read-only, but for what ``always`` goes on.
        """
        with self.reading() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                # Looked at inside: whoever set it waits for us by beginning one too.
                if not always:
                    self.read_only.check()
                yield connection
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise

    def mark(self) -> int:
        """Return a number that changes with every commit of any connection."""
        # A connection that never writes: data_version is blind to own commits only.
        if self._pid != os.getpid():
            self._forget_parent()
        with self._watch_lock:
            if self._watch is None:
                self._watch = sqlite3.connect(
                    self.path, isolation_level=None, check_same_thread=False
                )
            try:
                return int(self._watch.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.Error:
                # A number never seen before: what is kept is looked up anew.
                return -time.time_ns()

    def empty_log(self) -> bool:
        """Move the write-ahead log into the file and cut it to nothing.

        What was overwritten is then in neither. Returns False where others kept
        reading for ten seconds: the log is then cut when the last of them closes.
        """
        with self.reading() as connection:
            done = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return done.scalar() == 0

    def scrub(self) -> None:
        """Write the whole file anew, so that nothing removed is left in it or its log.

        Waits a while for others; raises Busy, NoSpace.
        """
        until = time.monotonic() + _SCRUB_SECONDS
        while True:
            try:
                with self.reading() as connection:
                    connection.exec_driver_sql("VACUUM")
                self.empty_log()
                return
            except Busy:
                if time.monotonic() > until:
                    raise
            time.sleep(0.1)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
        with self._watch_lock:
            if self._watch is not None:
                self._watch.close()
                self._watch = None
        self._engine.dispose()


def _roll_back(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    # SQLite itself rolls back on some errors; a second time would be one more error.
    if raw.in_transaction:
        raw.execute("ROLLBACK")
