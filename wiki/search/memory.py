"""The engine without an index: looks at every page. The reference for all others."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from wiki.model.actor import Sees
from wiki.search import scan, tree
from wiki.search.base import Document, EngineHit, Node, Remove, Title, Totals, Upsert
from wiki.search.fields import Indexed, indexed
from wiki.search.scoring import order
from wiki.search.spelling import Lexicon, preference

Pages = dict[int, Indexed]


class MemorySnapshot:
    """The pages as they were when it was taken."""

    def __init__(self, pages: Pages, seq: int) -> None:
        self._pages = pages
        self.seq = seq

    def totals(self) -> Totals:
        pages = self._pages.values()
        return Totals(
            len(pages),
            sum(page.all.length for page in pages),
            sum(page.title.length for page in pages),
        )

    def search(
        self,
        query: Node,
        *,
        limit: int,
        offset: int = 0,
        sees: Sees = None,
        exclude_ids: frozenset[int] = frozenset(),
    ) -> list[EngineHit]:
        words = [word for word, _ in tree.scored(query)]
        hits = scan.search(
            self._visible(sees, exclude_ids),
            query,
            self._df(words, ("all", "title"), self._completions(query, sees)),
            self.totals(),
            self._completions(query, sees),
        )
        return sorted(hits, key=order)[offset : offset + limit]

    def count(
        self,
        query: Node,
        *,
        sees: Sees = None,
        exclude_ids: frozenset[int] = frozenset(),
    ) -> int:
        return len(self._matching(query, sees, exclude_ids))

    def facets(
        self,
        query: Node,
        fields: Sequence[str],
        *,
        sees: Sees = None,
        exclude_ids: frozenset[int] = frozenset(),
    ) -> dict[str, dict[str, int]]:
        return scan.facets(self._matching(query, sees, exclude_ids), fields)

    def documents(self, ids: Sequence[int]) -> dict[int, Document]:
        return {id: self._pages[id].document for id in ids if id in self._pages}

    def df(
        self, words: Sequence[str], fields: Sequence[str] = ("all",)
    ) -> dict[str, tuple[int, ...]]:
        completions = {
            word[:-1]: frozenset(self.terms(word[:-1], tree.MAX_COMPLETIONS))
            for word in words
            if word.endswith("*")
        }
        return self._df(words, fields, completions)

    def terms(self, prefix: str, n: int, *, sees: Sees = None) -> list[str]:
        counts = self._frequencies(sees, prefix)
        return sorted(counts, key=lambda word: (-counts[word], word))[:n]

    def near(self, word: str, distance: int, n: int, *, sees: Sees = None) -> list[str]:
        counts = self._frequencies(sees)
        found = Lexicon(counts).near(word, distance)
        ranked = sorted(
            found, key=lambda pair: preference(word, pair[1], pair[0], counts[pair[1]])
        )
        return [candidate for _, candidate in ranked[:n]]

    def titles(
        self,
        prefix_words: Sequence[str],
        *,
        limit: int,
        sees: Sees = None,
        exclude_ids: frozenset[int] = frozenset(),
    ) -> list[Title]:
        found = scan.titles(self._visible(sees, exclude_ids), prefix_words)
        return sorted(found)[:limit]

    def _visible(self, sees: Sees, exclude_ids: frozenset[int]) -> list[Indexed]:
        pages = scan.visible(self._pages.values(), sees)
        return [page for page in pages if page.id not in exclude_ids]

    def _matching(
        self, query: Node, sees: Sees, exclude_ids: frozenset[int]
    ) -> list[Indexed]:
        completions = self._completions(query, sees)
        return [
            page
            for page in self._visible(sees, exclude_ids)
            if scan.matches(query, page, completions)
        ]

    def _frequencies(self, sees: Sees, prefix: str = "") -> Counter[str]:
        return Counter(
            word
            for page in scan.visible(self._pages.values(), sees)
            for word in page.all.places
            if word.startswith(prefix)
        )

    def _completions(self, query: Node, sees: Sees) -> scan.Completions:
        return {
            prefix: frozenset(self.terms(prefix, tree.MAX_COMPLETIONS, sees=sees))
            for prefix in tree.prefixes(query)
        }

    def _df(
        self, words: Sequence[str], fields: Sequence[str], completions: scan.Completions
    ) -> dict[str, tuple[int, ...]]:
        return {
            word: tuple(self._pages_with(word, field, completions) for field in fields)
            for word in words
        }

    def _pages_with(self, word: str, field: str, completions: scan.Completions) -> int:
        pages = self._pages.values()
        if not word.endswith("*"):
            return sum(word in getattr(page, field).counts for page in pages)
        return sum(
            any(
                found in getattr(page, field).counts
                for found in scan.completed(word[:-1], page, completions)
            )
            for page in pages
        )


class MemoryEngine:
    """Keeps pages in this process; nothing is written."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: Pages = {}
        self._gone: dict[int, int] = {}
        self._seq = 0
        self._generation = 0

    def open(self, path: Path | None, fingerprint: str) -> None:
        """Do nothing: there is nothing to open."""

    def apply(self, batch: Sequence[Upsert | Remove], seq: int) -> None:
        with self._lock:
            pages, gone = dict(self._pages), dict(self._gone)
            for change in batch:
                _apply(pages, gone, change)
            self._pages, self._gone = pages, gone
            self._seq = max(self._seq, seq)
            self._generation += 1

    def applied_seq(self) -> int:
        return self._seq

    def generation(self) -> int:
        return self._generation

    @contextmanager
    def snapshot(self) -> Iterator[MemorySnapshot]:
        with self._lock:
            snapshot = MemorySnapshot(self._pages, self._seq)
        yield snapshot

    def rebuild(
        self,
        path: Path | None,
        fingerprint: str,
        documents: Iterable[Document],
        seq: int,
        progress: Callable[[int], None] = lambda done: None,
    ) -> None:
        pages: Pages = {}
        for done, document in enumerate(documents, 1):
            pages[document.id] = indexed(document)
            progress(done)
        with self._lock:
            self._pages, self._gone, self._seq = pages, {}, seq
            self._generation += 1

    def upkeep(self) -> bool:
        return False

    def health(self) -> tuple[str, str]:
        return ("ok", "Pages are searched in memory.")

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


def _apply(pages: Pages, gone: dict[int, int], change: Upsert | Remove) -> None:
    if isinstance(change, Remove):
        if change.id not in pages or pages[change.id].seq <= change.seq:
            pages.pop(change.id, None)
            gone[change.id] = max(change.seq, gone.get(change.id, 0))
        return
    new = change.document
    known = pages[new.id].seq if new.id in pages else gone.get(new.id, 0)
    if new.seq >= known:
        pages[new.id] = indexed(new)
        gone.pop(new.id, None)
