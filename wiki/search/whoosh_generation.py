"""One state of a Whoosh index, open as long as anyone looks at it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import sleep

from whoosh.index import TOC

from wiki.errors import IndexUnusable
from wiki.search import pointer
from wiki.search.base import Totals
from wiki.search.whoosh_files import files_of
from wiki.search.whoosh_schema import SCHEMA
from wiki.search.whoosh_shelf import Shelf
from wiki.search.whoosh_view import View

_NAME = "MAIN"
_TRIES = 10


class Places:
    """Numbers of pages as a Whoosh writer counts them."""

    def __init__(self, views: Sequence[tuple[View, int]]) -> None:
        self._views = views

    def of_pages(self, ids: Iterable[int]) -> list[int]:
        wanted = list(ids)
        return [
            offset + number
            for view, offset in self._views
            for id in wanted
            if (number := view.shelf.numbers.get(id)) is not None
            and number in view.live
        ]

    def of_marks(self) -> list[int]:
        return [
            offset + number
            for view, offset in self._views
            for number in view.shelf.marks
            if number not in view.deleted
        ]


class Generation:
    """Views of all segments. Counted: the last ``release`` closes what it alone has."""

    def __init__(self, number: int, folder: str, views: Sequence[View]) -> None:
        self.number = number
        self.folder = folder
        self.views = views
        self._lock = threading.Lock()
        self._holders = 1
        self.seq, self.gone = _mark(views)
        sums = [view.totals() for view in views]
        self.totals = Totals(
            sum(each.pages for each in sums),
            sum(each.all for each in sums),
            sum(each.title for each in sums),
        )

    def hold(self) -> Generation:
        with self._lock:
            self._holders += 1
        return self

    def release(self) -> None:
        with self._lock:
            self._holders -= 1
            last = self._holders == 0
        if last:
            for view in self.views:
                view.shelf.release()

    def seq_of(self, id: int) -> int:
        """Return the change that made the state of a page that is indexed, or 0."""
        for view in self.views:
            number = view.shelf.numbers.get(id)
            if number is not None and number in view.live:
                return view.shelf.seqs[number]
        return 0

    def places(self, segments: Sequence[str]) -> Places:
        """Return where pages are for a writer that has these segments, in order."""
        known = {view.shelf.segment_id: view for view in self.views}
        found, offset = [], 0
        for segment in segments:
            if segment not in known:
                raise IndexUnusable("The search index was changed by something else.")
            found.append((known[segment], offset))
            offset += len(known[segment].shelf.ids)
        return Places(found)


def _mark(views: Sequence[View]) -> tuple[int, dict[int, int]]:
    """Return how far the index is, and the pages removed of late."""
    rows = [
        row
        for view in views
        for number, row in view.shelf.marks.items()
        if number not in view.deleted
    ]
    if len(rows) != 1:
        raise IndexUnusable("The search index does not say how far it goes.")
    return rows[0][1], {int(id): int(seq) for id, seq in rows[0][6]}


def load(
    home: Path, table: Path, fingerprint: str, before: Generation | None
) -> tuple[Generation, pointer.Stamp | None]:
    """Open the current state; segments that were open already are shared.

    Raises IndexUnusable for what is damaged or made by another version.
    """
    for attempt in range(_TRIES):
        stamp = pointer.stamp(table)
        here = pointer.read(table)
        if here.fingerprint != fingerprint:
            raise IndexUnusable("The search index was made by another version.")
        try:
            return _open(home / here.folder, here, before), stamp
        except FileNotFoundError:
            # A commit removed a file while it was to be opened: look again.
            sleep(0.01 * attempt)
        except IndexUnusable:
            raise
        except Exception as error:
            raise IndexUnusable("The search index is damaged.") from error
    raise IndexUnusable("Files of the search index are missing.")


def _open(folder: Path, here: pointer.Pointer, before: Generation | None) -> Generation:
    with files_of(folder) as storage:
        toc = TOC.read(storage, _NAME, schema=SCHEMA)
    open_already: dict[str, Shelf] = {}
    if before is not None and before.folder == here.folder:
        open_already = {view.shelf.segment_id: view.shelf for view in before.views}
    held: list[Shelf] = []
    try:
        views = []
        for segment in toc.segments:
            shelf = open_already.get(segment.segment_id())
            if shelf is None:
                shelf = Shelf(folder, segment)
            held.append(shelf.hold())
            views.append(View(shelf, segment.deleted_docs()))
        return Generation(here.commit, here.folder, views)
    except BaseException:
        for shelf in held:
            shelf.release()
        raise
