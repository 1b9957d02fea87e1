"""Takes in what the pages folder holds and the database does not (section 6)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from wiki.errors import BadName, Busy, NameTaken
from wiki.model import names
from wiki.model.page import ANY, NEW, Delete, Op, Put, Rename

from . import reading
from .base import ScanReport
from .core import Core
from .difference import Differs, differences, moves
from .files import Folder, Seen
from .locks import FileLock
from .outside import BAD_NAME, SAME_NAME, Outside
from .ready import VANISHED, Found, Ready, make_ready
from .rows import PageRec
from .settling import Settler
from .sql_rows import PAGES_BY_ID, pages_where, to_rec

INCOMPLETE = "The pages folder looks incomplete; nothing was deleted."
BATCH = 100
# More missing files than this, or this share of all, and nothing is believed.
_MISSING, _MISSING_SHARE = 20, 0.05


@dataclass(slots=True)
class _Counts:
    added: int = 0
    changed: int = 0
    renamed: int = 0
    deleted: int = 0
    # Files to look at again when they are a second old.
    young: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Item:
    """A file as read before the lock, and the operations that take it in."""

    path: str
    seen: Seen | None
    ops: tuple[Op, ...]
    readies: tuple[Ready, ...]
    page: Differs | None = None


class Scan:
    """Compares the folder with the database; one scan runs at a time."""

    def __init__(
        self,
        core: Core,
        folder: Folder,
        outside: Outside,
        settler: Settler,
        lock: FileLock,
    ) -> None:
        self._core, self._folder, self._outside = core, folder, outside
        self._settler, self._lock = settler, lock

    def run(
        self, paths: Sequence[str] | None = None, *, accept_missing: bool = False
    ) -> ScanReport:
        """Take in what differs; an empty report while another scan is running."""
        try:
            with self._lock.held(timeout=0):
                return self._run(paths, accept_missing)
        except Busy:
            return ScanReport()

    def write_missing(self) -> int:
        """Write files that are gone from the folder anew; return how many.

        The other answer to `INCOMPLETE`: the folder was wrong, the database is right.
        """
        with self._lock.held():
            found = differences(self._core, self._folder)
            gone = [page.id for page in found.vanished]
            for at in range(0, len(gone), BATCH):
                with self._core.lock.held():
                    self._mark_missing(gone[at : at + BATCH])
            return len(gone) - len(self._settler.settle(gone))

    def _mark_missing(self, ids: Sequence[int]) -> None:
        with self._core.database.reading() as connection:
            rows = pages_where(connection, PAGES_BY_ID, "ids", ids)
        recs = [rec for rec in map(to_rec, rows) if not rec.deleted]
        for rec in recs:
            rec.pending = True
        self._core.save_recs(recs)

    def _run(self, paths: Sequence[str] | None, accept_missing: bool) -> ScanReport:
        counts = _Counts()
        stopped, unchanged = self._round(paths, accept_missing, counts)
        if counts.young and not stopped:
            # A young file may still be written to; nobody else will come back soon.
            time.sleep(1.05)
            again, counts.young = sorted(counts.young), set()
            self._round(again, accept_missing, counts)
        return ScanReport(
            added=counts.added,
            changed=counts.changed,
            renamed=counts.renamed,
            deleted=counts.deleted,
            unchanged=unchanged,
            problems=self._problems(),
            stopped=stopped,
        )

    def _round(
        self, paths: Sequence[str] | None, accept_missing: bool, counts: _Counts
    ) -> tuple[str, int]:
        found = differences(self._core, self._folder, paths)
        moved = moves(self._core, self._folder, found)
        kept = {page.id for page in moved.values()}
        missing = [page for page in found.vanished if page.id not in kept]
        limit = max(_MISSING, found.pages * _MISSING_SHARE)
        if len(missing) > limit and not accept_missing:
            return INCOMPLETE, found.unchanged
        appeared = [path for path in found.appeared if path not in moved]
        counts.renamed += self._take(self._renames(moved, counts), counts)
        counts.deleted += self._take(map(_deletion, missing), counts)
        counts.changed += self._take(self._edits(found.changed, counts), counts)
        counts.added += self._take(self._additions(appeared, counts), counts)
        if paths is None:
            bad = {escaped(path): BAD_NAME for path in found.bad}
            if bad:
                self._core.add_problems(bad)
            self._core.clear_problems(self._solved({**found.disk, **bad}))
            self._settler.settle(found.pending)
        return "", found.unchanged

    def _problems(self) -> dict[str, str]:
        with self._core.database.reading() as connection:
            return reading.problems(connection)

    def _solved(self, disk: Iterable[str]) -> list[str]:
        there = set(disk)
        return [path for path in self._problems() if path not in there]

    # -- what is to be done, read and described before any lock

    def _look(
        self, path: str, counts: _Counts, page: Differs | None = None
    ) -> Seen | None:
        """Read a file that can be taken in now; others wait or are listed."""
        seen = self._folder.look(path)
        if seen is None:
            return None
        if seen.reason:
            self._outside.refuse(path, seen.sig, seen.reason)
            return None
        known = page is not None and seen.hash == page.text_hash
        if not known and seen.is_young(time.time()):
            counts.young.update({path, page.path} if page else {path})
            return None
        return seen

    def _ready(self, name: str, path: str, seen: Seen) -> Ready:
        found = Found(path, seen.sig)
        return make_ready(name, seen.text, self._core.describe, found)

    def _name(self, path: str, seen: Seen) -> str | None:
        try:
            return names.from_path(path)
        except BadName:
            self._outside.refuse(path, seen.sig, BAD_NAME)
            return None

    def _renames(self, moved: dict[str, Differs], counts: _Counts) -> Iterator[_Item]:
        for path, page in moved.items():
            seen = self._look(path, counts, page)
            name = self._name(path, seen) if seen else None
            if seen is None or name is None:
                continue
            rename = Rename(page.id, name, ANY)
            ops: tuple[Op, ...] = (rename,)
            readies: tuple[Ready, ...] = (self._ready(name, path, seen),)
            if seen.hash != page.text_hash:
                ops = (Put(page.id, seen.text, ANY), rename)
                readies = (self._ready(page.name, path, seen), *readies)
            yield _Item(path, seen, ops, readies, page)

    def _edits(self, changed: Iterable[Differs], counts: _Counts) -> Iterator[_Item]:
        for page in changed:
            seen = self._look(page.path, counts, page)
            if seen is None:
                continue
            if seen.hash == page.text_hash:
                yield _Item(page.path, seen, (), (), page)
                continue
            ready = self._ready(page.name, page.path, seen)
            put = Put(page.id, seen.text, ANY)
            yield _Item(page.path, seen, (put,), (ready,), page)

    def _additions(self, paths: Iterable[str], counts: _Counts) -> Iterator[_Item]:
        for path in paths:
            seen = self._look(path, counts)
            name = self._name(path, seen) if seen else None
            if seen is None or name is None:
                continue
            put = Put(name, seen.text, NEW)
            yield _Item(path, seen, (put,), (self._ready(name, path, seen),))

    # -- doing it

    def _take(self, items: Iterable[_Item], counts: _Counts) -> int:
        done, batch = 0, list[_Item]()
        for item in items:
            batch.append(item)
            if len(batch) == BATCH:
                done += self._commit(batch)
                batch = []
        return done + (self._commit(batch) if batch else 0)

    def _commit(self, batch: Sequence[_Item]) -> int:
        with self._core.lock.held():
            items = self._still_so(batch)
            self._refresh([item for item in items if not item.ops])
            items = [item for item in items if item.ops]
            try:
                self._apply(items)
            except (NameTaken, BadName):
                items = [item for item in items if self._apply_alone(item)]
        self._outside.accept([item.path for item in items])
        return len(items)

    def _apply(self, items: Sequence[_Item]) -> None:
        if not items:
            return
        ops = [op for item in items for op in item.ops]
        readies = [ready for item in items for ready in item.readies]
        self._core.apply(ops, readies, self._core.outside())

    def _apply_alone(self, item: _Item) -> bool:
        try:
            self._apply([item])
        except (NameTaken, BadName):
            # Not remembered as unusable: the other page may go or be renamed.
            self._core.add_problems({item.path: SAME_NAME})
            return False
        return True

    def _still_so(self, batch: Sequence[_Item]) -> list[_Item]:
        """Leave out what was saved or edited since it was read; others see to it."""
        ids = [item.page.id for item in batch if item.page]
        with self._core.database.reading() as connection:
            rows = pages_where(connection, PAGES_BY_ID, "ids", ids)
        recs = {row.id: to_rec(row) for row in rows}
        return [item for item in batch if self._is_same(item, recs)]

    def _is_same(self, item: _Item, recs: dict[int, PageRec]) -> bool:
        sig = self._folder.sig(item.path)
        if sig != (item.seen.sig if item.seen else None):
            return False
        if item.page is None:
            return not self._core.has_page_at(item.path)
        rec = recs[item.page.id]
        same = rec.head_rev == item.page.head_rev and rec.path == item.page.path
        return same and not rec.pending and not rec.deleted

    def _refresh(self, items: Sequence[_Item]) -> None:
        """Note the stat of files that were only touched."""
        recs = []
        for item in items:
            rec = self._core.rec(item.page.id) if item.page else None
            if rec is not None and item.seen is not None:
                rec.sig = item.seen.sig
                recs.append(rec)
        self._core.save_recs(recs)


def escaped(path: str) -> str:
    """Return a path that is not UTF-8 as a person can read it."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _deletion(page: Differs) -> _Item:
    return _Item(page.path, None, (Delete(page.id, ANY),), (VANISHED,), page)
