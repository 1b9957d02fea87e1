"""Pages changed since the index was last written, kept as plain Python.

Every process follows the change feed itself, so that a page is found by the search
right after its save, and a page that was hidden or deleted is gone from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from wiki.search.base import Source
from wiki.search.fields import Indexed, indexed

# More changed pages than this are not kept; they are found when the index has them.
MAX_PAGES = 500
# So many pages are read for one search at most, the newest first.
MAX_READ = 64
# Pages are read in groups, and no new group is begun after so many seconds: reading
# may mean parsing, and someone waits.
_AT_ONCE, _SECONDS = 8, 0.15
_ROWS = 500


@dataclass(frozen=True, slots=True)
class Fresh:
    """The changed pages at one moment: ``gone`` ids must come from here or nowhere.

    ``pending`` is the number of changed pages that are not read yet.
    """

    pages: tuple[Indexed, ...] = ()
    gone: frozenset[int] = frozenset()
    pending: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    seq: int
    page: Indexed | None


class Delta:
    """Not safe for several threads at once; what ``catch_up`` returns is."""

    def __init__(self) -> None:
        self._base = self._tail = 0
        self._entries: dict[int, _Entry] = {}
        self._pending: dict[int, int] = {}
        self._fresh = Fresh()

    def catch_up(self, source: Source, base: int) -> Fresh:
        """Return the pages changed after ``base``, up to the last change there is."""
        changed = self._move(base) | self._follow(source)
        if self._pending:
            changed |= self._read(source)
        if changed:
            self._fresh = Fresh(
                tuple(e.page for e in self._entries.values() if e.page is not None),
                frozenset(self._entries) | frozenset(self._pending),
                len(self._pending),
            )
        return self._fresh

    def _move(self, base: int) -> bool:
        """Forget what the index has by now; start over when it went back."""
        if base == self._base:
            return False
        if base < self._base:
            self._entries, self._pending, self._tail = {}, {}, base
        self._base, self._tail = base, max(self._tail, base)
        self._entries = {i: e for i, e in self._entries.items() if e.seq > base}
        self._pending = {id: seq for id, seq in self._pending.items() if seq > base}
        return True

    def _follow(self, source: Source) -> bool:
        last = source.last_seq()
        changed = False
        while self._tail < last:
            rows = source.changes(self._tail, _ROWS)
            for seq, id in rows:
                if not id:
                    continue
                self._entries.pop(id, None)
                self._pending[id] = seq
                changed = True
            self._tail = rows[-1][0] if len(rows) == _ROWS else last
        return changed

    def _read(self, source: Source) -> bool:
        """Read changed pages, the newest first; what finds no room stays pending."""
        ids = sorted(self._pending, key=self._pending.__getitem__, reverse=True)
        ids = ids[:MAX_READ]
        if len(self._entries) >= MAX_PAGES:
            oldest = min(entry.seq for entry in self._entries.values())
            ids = [id for id in ids if self._pending[id] > oldest]
        until = monotonic() + _SECONDS
        for start in range(0, len(ids), _AT_ONCE):
            self._take(source, ids[start : start + _AT_ONCE])
            if monotonic() > until:
                break
        self._drop_oldest()
        return bool(ids)

    def _take(self, source: Source, ids: list[int]) -> None:
        documents = source.documents(ids)
        for id in ids:
            seq = self._pending.pop(id, None)
            if seq is None:
                continue
            document = documents.get(id)
            page = indexed(document) if document is not None else None
            self._entries[id] = _Entry(seq, page)

    def _drop_oldest(self) -> None:
        too_many = len(self._entries) - MAX_PAGES
        if too_many > 0:
            by_age = sorted(self._entries, key=lambda id: self._entries[id].seq)
            for id in by_age[:too_many]:
                self._pending[id] = self._entries.pop(id).seq
