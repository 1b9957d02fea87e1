"""A finder that indexes before it searches, where no follower keeps the index.

For an engine in memory: each process has its own, and reads the change feed from the
beginning at its first search.
"""

from __future__ import annotations

import threading

from wiki.model.actor import Sees
from wiki.search.base import Engine, Hit, Remove, Results, Source, Upsert
from wiki.search.finder import Expand, Finder

_ROWS = 500


class InStepFinder(Finder):
    """Applies what changed, then searches."""

    def __init__(self, engine: Engine, source: Source) -> None:
        super().__init__(engine, source, None)
        self._index, self._feed = engine, source
        self._turn = threading.Lock()

    def search(
        self, text: str, sees: Sees, *, page: int = 1, expand: Expand | None = None
    ) -> Results:
        self._catch_up()
        return super().search(text, sees, page=page, expand=expand)

    def suggest(self, text: str, sees: Sees, limit: int = 10) -> list[Hit]:
        self._catch_up()
        return super().suggest(text, sees, limit)

    def _catch_up(self) -> None:
        with self._turn, self._lock:
            self._ready()
            reached, last = self._index.applied_seq(), self._feed.last_seq()
            while reached < last:
                rows = self._feed.changes(reached, _ROWS)
                if not rows:
                    break
                reached = rows[-1][0]
                newest = {id: seq for seq, id in rows if id}
                found = self._feed.documents(list(newest))
                self._index.apply(
                    [
                        Upsert(found[id]) if id in found else Remove(id, seq)
                        for id, seq in newest.items()
                    ],
                    reached,
                )
