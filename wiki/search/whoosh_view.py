"""A segment of a Whoosh index as of one generation: what is live, who sees what."""

from __future__ import annotations

from collections.abc import Iterable

from wiki.model.actor import Sees, may_see
from wiki.search.base import Totals
from wiki.search.whoosh_shelf import Counts, Shelf

Pages = frozenset[int] | set[int]

# So many sets of visible pages are kept for a segment.
_KEPT = 64


class View:
    """Some pages of the segment may be deleted by then."""

    def __init__(self, shelf: Shelf, deleted: Iterable[int]) -> None:
        self.shelf = shelf
        self.deleted = frozenset(deleted)
        gone = self.deleted.union(shelf.marks)
        self.live = frozenset(n for n in range(len(shelf.ids)) if n not in gone)
        self._visible: dict[Sees, frozenset[int]] = {None: self.live}
        self._without: dict[tuple[Sees, frozenset[int]], frozenset[int]] = {}

    def totals(self) -> Totals:
        lengths = self.shelf.lengths
        return Totals(
            len(self.live),
            sum(lengths["all"][n] for n in self.live),
            sum(lengths["title"][n] for n in self.live),
        )

    def visible(self, sees: Sees, exclude_ids: frozenset[int]) -> frozenset[int]:
        """Return the pages that may be seen and are not excluded."""
        found = self._visible.get(sees)
        if found is None:
            values = self.shelf.values
            found = frozenset(n for n in self.live if may_see(sees, values[n].audience))
            self._visible[sees] = found
        if not exclude_ids:
            return found
        key = (sees, exclude_ids)
        if key not in self._without:
            if len(self._without) >= _KEPT:
                self._without.clear()
            numbers = self.shelf.numbers
            out = {n for id in exclude_ids if (n := numbers.get(id)) is not None}
            self._without[key] = found - out if out else found
        return self._without[key]


def both(within: Pages, counts: Counts) -> Pages:
    """Return the pages in both; the shorter one is gone through."""
    if len(counts) <= len(within):
        return within.intersection(counts)
    return {page for page in within if page in counts}
