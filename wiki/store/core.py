"""What the parts of the SQL store share: database, folder, lock, and one commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import bindparam, delete, insert, select

from wiki.model.actor import OUTSIDE
from wiki.model.page import Op

from . import tables as t
from .applying import Applying
from .base import Author, Describe, Merge
from .engine import Database
from .files import Folder
from .locks import FileLock
from .outcome import Outcome, Stamp, answered
from .ready import Ready
from .rows import PageRec, Sig
from .sql_rows import PAGE_BY_ID, SqlRows, to_rec

BY_OUTSIDE = Author(OUTSIDE.id, OUTSIDE.name)
NEEDS_DECISION = (
    "This file and its page were changed at the same time. The text of the file is "
    "kept as a proposed version of the page and waits for a decision."
)

_AT_PATH = select(t.page.c.id).where(
    t.page.c.path == bindparam("path_"), t.page.c.deleted_seq.is_(None)
)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class _Unchanged(Exception):
    """Rolls a commit back that turned out to write nothing."""


@dataclass(slots=True)
class Core:
    """``published`` holds, per page with ``pending`` set, what this process wrote.

    It is what makes reading such a page as cheap as any other. ``unusable`` holds
    the stat of files that cannot be pages, so that they are read once.
    """

    database: Database
    folder: Folder | None
    lock: FileLock
    describe: Describe
    merge: Merge
    published: dict[int, tuple[int, Sig]] = field(default_factory=dict)
    unusable: dict[str, Sig] = field(default_factory=dict)
    committed: threading.Condition = field(default_factory=threading.Condition)

    def rec(self, page_id: int) -> PageRec | None:
        with self.database.reading() as connection:
            row = connection.execute(PAGE_BY_ID, {"id_": page_id}).first()
        return None if row is None else to_rec(row)

    def apply(
        self, ops: Sequence[Op], readies: Sequence[Ready | None], stamp: Stamp
    ) -> Outcome:
        """Commit operations to the database. The caller holds the write lock."""
        outcome = None
        try:
            with self.database.writing() as connection:
                rows = SqlRows(connection)
                if (earlier := answered(rows, ops, stamp)) is not None:
                    return Outcome(earlier, ())
                files = self.folder is not None
                applying = Applying(rows, self.describe, stamp, files=files)
                outcome = applying.run(ops, readies)
                if outcome.result.unchanged:
                    raise _Unchanged
        except _Unchanged:
            assert outcome is not None
            return outcome
        with self.committed:
            self.committed.notify_all()
        return outcome

    def save_recs(self, recs: Sequence[PageRec]) -> None:
        """Keep what changed about files of pages. The caller holds the write lock."""
        if recs:
            # What was saved is made durable in any case.
            with self.database.writing(always=True) as connection:
                SqlRows(connection).update_pages(recs)

    def has_page_at(self, path: str) -> bool:
        """Tell whether a live page has this path."""
        with self.database.reading() as connection:
            return connection.execute(_AT_PATH, {"path_": path}).first() is not None

    def is_known(self, rec: PageRec, sig: Sig | None) -> bool:
        """Tell whether a stat shows the file as this store last left or saw it."""
        if rec.pending:
            return self.published.get(rec.id) == (rec.head_rev, sig)
        return rec.sig == sig

    def outside(self, mtime_ns: int | None = None) -> Stamp:
        now = now_ms()
        ts = now if mtime_ns is None else min(now, mtime_ns // 1_000_000)
        return Stamp(BY_OUTSIDE, ts, "", "outside")

    # -- files that cannot be taken in

    def add_problems(self, found: dict[str, str]) -> None:
        with self.database.writing() as connection:
            query = select(t.problem.c.path, t.problem.c.reason)
            known = {path: reason for path, reason in connection.execute(query)}
            for path, reason in found.items():
                if known.get(path) == reason:
                    continue
                connection.execute(delete(t.problem).where(t.problem.c.path == path))
                values = {"path": path, "reason": reason, "first_seen": now_ms()}
                connection.execute(insert(t.problem), values)

    def clear_problems(self, paths: Sequence[str]) -> None:
        """Forget problems that are solved; decisions wait for a person."""
        with self.database.reading() as connection:
            known = set(connection.execute(select(t.problem.c.path)).scalars())
        if solved := known.intersection(paths):
            with self.database.writing() as connection:
                connection.execute(
                    delete(t.problem).where(
                        t.problem.c.path.in_(sorted(solved)),
                        t.problem.c.reason != NEEDS_DECISION,
                    )
                )
