"""Makes files durable behind the saves: step 10 of the save protocol.

A row stays ``pending`` until its file is on the disk for sure; only then may a file
that looks different be taken for an outside edit (S-9).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, select, update

from wiki.errors import WikiError

from . import tables as t
from .core import Core, now_ms
from .files import Folder
from .repair import Repair
from .rows import NO_FILE, PageRec, Sig
from .sql_rows import PAGES_BY_ID, pages_where, to_rec

DELAY_SECONDS, AT_ONCE = 5.0, 64
_FIRST_RETRY, _LAST_RETRY = 1.0, 300.0
_IDEM_DAYS = 7
_LOOK_SECONDS = 3600.0
_BATCH = 200

_PENDING = select(t.page.c.id).where(t.page.c.pending != 0)
_is_old = t.txn.c.idem_key.is_not(None) & (t.txn.c.ts < bindparam("before"))
_OLD_KEY = select(t.txn.c.id).where(_is_old).limit(1)
_FORGET_KEYS = update(t.txn).where(_is_old).values(idem_key=None, result=None)


class Settler:
    """A thread that settles pages within 5 s or 64 pages; ``settle`` does it now."""

    def __init__(self, core: Core, folder: Folder, repair: Repair) -> None:
        self._core, self._folder, self._repair = core, folder, repair
        self._wake = threading.Condition()
        self._waiting: set[int] = set()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._next_look = 0.0

    def add(self, pages: Iterable[int]) -> None:
        """Queue pages; the thread is started when there is first something to do."""
        with self._wake:
            self._waiting.update(pages)
            if not self._waiting or self._closed:
                return
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name="wiki-settle", daemon=True
                )
                self._thread.start()
            self._wake.notify()

    def close(self) -> None:
        """Stop the thread. What is pending is settled by whoever opens next."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        retry = _FIRST_RETRY
        while (pages := self._next()) is not None:
            left = self._settle_safely(pages)
            if not left:
                retry = _FIRST_RETRY
                continue
            with self._wake:
                self._waiting |= left
                self._wake.wait_for(lambda: self._closed, timeout=retry)
            retry = min(retry * 2, _LAST_RETRY)

    def _next(self) -> set[int] | None:
        """Wait for 64 pages, or for 5 s after the first; None when closed."""
        with self._wake:
            self._wake.wait_for(lambda: self._closed or self._waiting)
            self._wake.wait_for(
                lambda: self._closed or len(self._waiting) >= AT_ONCE,
                timeout=DELAY_SECONDS,
            )
            pages, self._waiting = self._waiting, set()
            return None if self._closed else pages

    def _settle_safely(self, pages: set[int]) -> set[int]:
        try:
            return self.settle(sorted(pages))
        except (WikiError, OSError):
            # Busy, full, read-only: all of them are tried again, ever less often.
            return pages

    def pending(self) -> list[int]:
        with self._core.database.reading() as connection:
            return list(connection.execute(_PENDING).scalars())

    def settle(self, pages: Sequence[int]) -> set[int]:
        """Settle pages now; return the ids of those that must wait."""
        left: set[int] = set()
        for at in range(0, len(pages), _BATCH):
            batch = pages[at : at + _BATCH]
            try:
                left |= self._settle_batch(batch)
            except (OSError, WikiError):
                left.update(batch)
        return left

    def forget_old_keys(self) -> None:
        """Drop idempotency keys after 7 days; looks once an hour."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK_SECONDS
        values = {"before": now_ms() - _IDEM_DAYS * 86_400_000}
        with self._core.database.reading() as connection:
            if connection.execute(_OLD_KEY, values).first() is None:
                return
        # Written only if there is something: a commit empties caches everywhere.
        database = self._core.database
        with self._core.lock.held(), database.writing(always=True) as connection:
            connection.execute(_FORGET_KEYS, values)

    def _recs(self, pages: Sequence[int]) -> list[PageRec]:
        with self._core.database.reading() as connection:
            rows = pages_where(connection, PAGES_BY_ID, "ids", pages)
        return [rec for rec in map(to_rec, rows) if rec.pending]

    def _settle_batch(self, pages: Sequence[int]) -> set[int]:
        durable = self._make_durable(self._recs(pages))
        left: set[int] = set()
        with self._core.lock.held():
            plain: list[PageRec] = []
            for rec in self._recs(pages):
                if (sig := self._is_done(rec, durable)) is not None:
                    rec.sig = sig
                    plain.append(rec)
                elif not self._repaired(rec):
                    left.add(rec.id)
            self._clear(plain)
        return left

    def _make_durable(self, recs: Sequence[PageRec]) -> dict[int, tuple[int, Sig]]:
        """Fsync what stands in place, without a lock; return what was synced."""
        durable: dict[int, tuple[int, Sig]] = {}
        paths: list[str] = []
        for rec in recs:
            sig = self._in_place(rec)
            if sig is not None:
                durable[rec.id] = (rec.head_rev, sig)
                paths += [rec.path, *rec.old_paths]
        self._folder.sync(paths)
        return durable

    def _in_place(self, rec: PageRec) -> Sig | None:
        """Return the stat of a file that is as it should be, NO_FILE of none."""
        if any(self._folder.sig(old) for old in rec.old_paths):
            return None
        sig = self._folder.sig(rec.path)
        if rec.deleted or sig is None:
            return NO_FILE if rec.deleted and sig is None else None
        if self._core.published.get(rec.id) == (rec.head_rev, sig):
            return sig
        # Written by another process: only its content can tell.
        seen = self._folder.look(rec.path)
        return seen.sig if seen and seen.hash == rec.text_hash else None

    def _is_done(self, rec: PageRec, durable: dict[int, tuple[int, Sig]]) -> Sig | None:
        """Return the stat of a file that was synced and has not changed since."""
        if rec.id not in durable:
            return None
        head, sig = durable[rec.id]
        now = self._folder.sig(rec.path) or NO_FILE
        return sig if head == rec.head_rev and now == sig else None

    def _repaired(self, rec: PageRec) -> bool:
        try:
            return self._repair.settle(rec)
        except (OSError, WikiError):
            # One page whose file cannot be written never stops the others.
            return False

    def _clear(self, recs: Sequence[PageRec]) -> None:
        for rec in recs:
            rec.pending, rec.old_paths = False, ()
            rec.file_hash = None if rec.deleted else rec.text_hash
            rec.file_seq = rec.moved
        self._core.save_recs(recs)
        for rec in recs:
            self._core.published.pop(rec.id, None)
