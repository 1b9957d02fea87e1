"""Search as the wiki asks for it: a query in, a page of results out, never an error.

Whatever state the index is in, a search answers: from the index and the pages changed
since, or from the titles in the store with a note that says why.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from time import monotonic

from wiki.errors import IndexUnusable, WikiError
from wiki.model.actor import Sees
from wiki.search import analysis, answer, budget, rebuilding
from wiki.search.applying import apply_next
from wiki.search.base import Engine, Hit, Node, Note, Results, Source
from wiki.search.combined import Combined
from wiki.search.delta import MAX_READ, Delta
from wiki.search.fields import FINGERPRINT
from wiki.search.query import Parsed, parse

_log = logging.getLogger(__name__)

# So many faults of the engine within so many seconds ask for a rebuild.
_FAULTS, _FAULT_SECONDS = 3, 600.0
# An index that cannot be opened is looked at again after so many seconds.
_RETRY_SECONDS = 1.0
_SUGGESTIONS = 10
_BATCH = 500

Expand = Callable[[Node], Node]


class NotReady(Exception):
    """The index cannot answer yet; nothing is wrong with the engine."""


class Finder:
    """One per process; any number of threads may search at once.

    ``engine`` may be what makes one: it is then made, and its library loaded, by the
    first search. ``path`` is the folder of all indexes, None for an engine without
    files, which is brought up to date by each search instead of a follower.
    """

    def __init__(
        self,
        engine: Engine | Callable[[], Engine],
        source: Source,
        path: Path | None,
        *,
        fingerprint: str = FINGERPRINT,
        zone: tzinfo = UTC,
    ) -> None:
        self._make = engine if callable(engine) else None
        self._made = None if callable(engine) else engine
        self._source = source
        self._path = path
        self._fingerprint = fingerprint
        self._zone = zone
        # The source may look at outside changes, and what hears of them may search.
        self._lock = threading.RLock()
        self._delta = Delta()
        self._open = False
        self._retry_at = 0.0
        self._faults: deque[float] = deque(maxlen=_FAULTS)

    # -- what the wiki asks

    def search(
        self, text: str, sees: Sees, *, page: int = 1, expand: Expand | None = None
    ) -> Results:
        """Return a page of results; BadRequest for a query that is too long.

        ``expand`` adds alternatives to the query tree, for example synonyms.
        """
        parsed = parse(text, now=datetime.now(self._zone))
        if parsed.node is None:
            return Results(text, parsed.understood, notes=parsed.notes)
        try:
            node = _expanded(parsed.node, expand)
            with self._view(sees) as (view, pending), budget.limited():
                question = answer.Question(parsed, node, page, sees)
                return answer.answer(question, view, self._source, pending)
        except budget.TooBroad:
            note = Note("That search is too broad. Add a word or a filter.")
            return Results(text, parsed.understood, notes=(*parsed.notes, note))
        except WikiError:
            # The store or the parser is busy: no fault of the index.
            return self._from_titles(parsed, sees)
        except Exception as error:
            self._fault(error)
            return self._from_titles(parsed, sees)

    def suggest(self, text: str, sees: Sees, limit: int = _SUGGESTIONS) -> list[Hit]:
        """Return pages with a title word that starts like the text, as one types."""
        pieces = analysis.fold(text[:256]).split()[:12]
        if not any(len(p) > 1 or analysis.unspaced(p) for p in pieces):
            return []
        try:
            with self._view(sees) as (view, _), budget.limited():
                return answer.suggestions(view, pieces, limit)
        except budget.TooBroad:
            return []
        except Exception as error:
            self._fault(error)
            return self._titles(text, limit, sees)

    def lag(self) -> int:
        """Return how many changes the index is behind; -1 when it cannot be read."""
        try:
            with self._lock:
                self._ready()
                return max(0, self._source.last_seq() - self._engine.applied_seq())
        except Exception:
            return -1

    def close(self) -> None:
        with self._lock:
            if self._made is not None:
                self._made.close()
            self._open = False

    @property
    def _engine(self) -> Engine:
        if self._made is None:
            assert self._make is not None
            self._made = self._make()
        return self._made

    # -- the index

    @contextmanager
    def _view(self, sees: Sees) -> Iterator[tuple[Combined, int]]:
        """Lend the index and the changed pages as they are now."""
        self._lock.acquire()
        locked = True
        try:
            self._ready()
            if self._path is None:
                self._follow()
            with self._engine.snapshot() as snapshot:
                if not snapshot.seq and self._source.last_seq() > MAX_READ:
                    raise NotReady("The search index is not built yet.")
                fresh = self._delta.catch_up(self._source, snapshot.seq)
                self._lock.release()
                locked = False
                yield Combined(snapshot, fresh, sees), fresh.pending
        finally:
            if locked:
                self._lock.release()

    def _follow(self) -> None:
        """Apply all changes: an engine without a folder has no follower."""
        while apply_next(self._engine, self._source, _BATCH) < self._source.last_seq():
            continue

    def _ready(self) -> None:
        """Open the engine if it is not; raises NotReady, IndexUnusable."""
        if self._open:
            return
        if monotonic() < self._retry_at:
            raise NotReady("The search index could not be opened.")
        self._retry_at = monotonic() + _RETRY_SECONDS
        self._engine.open(self._path, self._fingerprint)
        self._open, self._retry_at = True, 0.0

    def _fault(self, error: Exception) -> None:
        """Start the engine anew; after several faults ask for a rebuild."""
        if isinstance(error, NotReady):
            return
        # Without the message: it may quote what was searched for.
        where = "".join(traceback.format_tb(error.__traceback__))
        if not isinstance(error, IndexUnusable):
            _log.error("Search fault: %s\n%s", type(error).__name__, where)
        with self._lock:
            if self._open:
                self._open = False
                try:
                    self._engine.close()
                except Exception as worse:
                    _log.error("Search cannot be closed: %s", type(worse).__name__)
                self._faults.append(monotonic())
        full = len(self._faults) == _FAULTS
        if full and self._faults[-1] - self._faults[0] < _FAULT_SECONDS:
            self._faults.clear()
            self._want_rebuild()

    def _want_rebuild(self) -> None:
        if self._path is None:
            return
        try:
            rebuilding.want(self._path)
        except OSError as error:
            _log.error("A search rebuild cannot be asked for: %s", error)

    # -- without the index

    def _from_titles(self, parsed: Parsed, sees: Sees) -> Results:
        hits = self._titles(parsed.plain, answer.PER_PAGE, sees)
        return Results(
            parsed.text,
            parsed.understood,
            hits=tuple(hits),
            total=len(hits),
            notes=(*parsed.notes, self._why()),
            current=False,
        )

    def _titles(self, text: str, limit: int, sees: Sees) -> list[Hit]:
        text = " ".join(text.split())
        if not text:
            return []
        try:
            found = self._source.titles(text, limit, sees)
        except Exception as error:
            _log.error("Titles cannot be searched: %s", type(error).__name__)
            return []
        return [Hit(id, name, title, matched=("title",)) for id, name, title in found]

    def _why(self) -> Note:
        progress = rebuilding.running(self._path) if self._path else None
        if progress is None:
            return Note("Search is being repaired. Titles are searched meanwhile.")
        return Note(
            "Search is being rebuilt (%(percent)d %%). Titles are searched meanwhile.",
            {"percent": progress.percent},
        )


def _expanded(node: Node, expand: Expand | None) -> Node:
    if expand is None:
        return node
    try:
        return expand(node)
    except Exception as error:
        _log.error("A search expansion failed: %s", type(error).__name__)
        return node
