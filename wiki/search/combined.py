"""The index and the pages changed since, searched as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from heapq import merge
from itertools import islice

from wiki.model.actor import Sees
from wiki.search import scan, tree
from wiki.search.base import Document, EngineHit, Node, Snapshot, Title
from wiki.search.delta import Fresh
from wiki.search.fields import Indexed
from wiki.search.scoring import order

_NO_LIMITS: scan.Completions = {}


class Combined:
    """What one viewer may find at one moment; totals and facets are exact."""

    def __init__(self, snapshot: Snapshot, fresh: Fresh, sees: Sees) -> None:
        self._snapshot = snapshot
        self._gone = fresh.gone
        self._sees = sees
        self._pages = list(scan.visible(fresh.pages, sees))
        self._matching: dict[Node, list[Indexed]] = {}

    def search(self, query: Node, first: int, n: int) -> list[EngineHit]:
        """Return ``n`` hits from number ``first`` (from 0) on."""
        sees, gone = self._sees, self._gone
        if not self._pages:
            return self._snapshot.search(
                query, limit=n, offset=first, sees=sees, exclude_ids=gone
            )
        indexed = self._snapshot.search(
            query, limit=first + n, sees=sees, exclude_ids=gone
        )
        hits = merge(indexed, sorted(self._fresh_hits(query), key=order), key=order)
        return list(islice(hits, first, first + n))

    def count(self, query: Node) -> int:
        indexed = self._snapshot.count(query, sees=self._sees, exclude_ids=self._gone)
        return indexed + len(self._fresh_pages(query))

    def facets(self, query: Node, fields: Sequence[str]) -> dict[str, dict[str, int]]:
        indexed = self._snapshot.facets(
            query, fields, sees=self._sees, exclude_ids=self._gone
        )
        fresh = self._fresh_pages(query)
        if not fresh:
            return indexed
        more = scan.facets(fresh, fields)
        return {
            field: scan.one_spelling(
                field, Counter(indexed[field]) + Counter(more[field])
            )
            for field in fields
        }

    def documents(self, ids: Sequence[int]) -> dict[int, Document]:
        """Return what is shown of hits."""
        fresh = {page.id: page.document for page in self._pages if page.id in ids}
        older = [id for id in ids if id not in fresh]
        return {**self._snapshot.documents(older), **fresh}

    def titles(self, pieces: Sequence[str], n: int) -> list[Title]:
        indexed = self._snapshot.titles(
            pieces, limit=n, sees=self._sees, exclude_ids=self._gone
        )
        return sorted([*indexed, *scan.titles(self._pages, pieces)])[:n]

    def near(self, word: str, distance: int, n: int) -> list[str]:
        """Return words of the index that may be meant, for a word not found."""
        return self._snapshot.near(word, distance, n, sees=self._sees)

    def completions(self, prefix: str) -> list[str]:
        """Return the words a prefix stands for, one more than are used at most."""
        limit = tree.MAX_COMPLETIONS + 1
        return self._snapshot.terms(prefix, limit, sees=self._sees)

    def _fresh_pages(self, query: Node) -> list[Indexed]:
        if query not in self._matching:
            self._matching[query] = [
                page for page in self._pages if scan.matches(query, page, _NO_LIMITS)
            ]
        return self._matching[query]

    def _fresh_hits(self, query: Node) -> list[EngineHit]:
        pages = self._fresh_pages(query)
        if not pages:
            return []
        words = [word for word, _ in tree.scored(query)]
        df = self._snapshot.df(words, ("all", "title"))
        return scan.search(pages, query, df, self._snapshot.totals(), _NO_LIMITS)
