"""One segment of a Whoosh index, open for reading by many threads.

A segment never changes, so what is read of it is kept: the values of its pages, the
filters asked for, its words. Whoosh's matchers go from page to page; here whole
posting lists are taken block by block, which is some ten times faster for lists of
every length that a wiki has.
"""

from __future__ import annotations

import json
import threading
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from whoosh.matching.wrappers import FilterMatcher
from whoosh.reading import SegmentReader, TermNotFound

from wiki.errors import IndexUnusable
from wiki.search import budget
from wiki.search.base import Document
from wiki.search.fields import Values, facet_values, matched_values
from wiki.search.spelling import Lexicon
from wiki.search.whoosh_files import files_of
from wiki.search.whoosh_schema import SCHEMA, row_values, unpack

Counts = dict[int, float]


class Shelf:
    """A segment with its reader; ``open`` it once, ``release`` it as often as held."""

    def __init__(self, folder: Path, segment: Any) -> None:
        self.segment_id: str = segment.segment_id()
        self._lock = threading.Lock()
        self._holders = 0
        self._filters: dict[str, dict[str, set[int]]] = {}
        self._facets: dict[str, list[tuple[str, ...]]] = {}
        with files_of(folder) as storage:
            self._reader = SegmentReader(storage, SCHEMA, segment)
            try:
                self._load()
            except BaseException:
                self._reader.close()
                raise

    def _load(self) -> None:
        column = self._reader.column_reader("page", translate=False)
        rows = json.loads(b"[" + b",".join(bytes(row) for row in column) + b"]")
        if len(rows) != self._reader.doc_count_all():
            raise IndexUnusable("The search index is damaged: pages are missing.")
        self.ids: list[int] = [row[0] for row in rows]
        self.seqs: list[int] = [row[1] for row in rows]
        self.updated: list[int] = [row[2] for row in rows]
        self.lengths: dict[str, list[int]] = {
            "all": [row[3] for row in rows],
            "title": [row[4] for row in rows],
        }
        self.headings: list[str] = [row[5] if row[0] else "" for row in rows]
        self.names: list[tuple[str, str]] = [
            (row[6], row[7]) if row[0] else ("", "") for row in rows
        ]
        self._aliases = {n: tuple(row[8]) for n, row in enumerate(rows) if row[8:9]}
        self._bodies = self._reader.column_reader("body", translate=False)
        self.values = [row_values(row) if row[0] else Values() for row in rows]
        self.numbers = {id: n for n, id in enumerate(self.ids) if id}
        # The number of the entry that says how far the index is, if it is here.
        self.marks = {n: row for n, row in enumerate(rows) if not row[0]}

    # -- who uses it

    def hold(self) -> Shelf:
        with self._lock:
            self._holders += 1
        return self

    def release(self) -> None:
        with self._lock:
            self._holders -= 1
            last = self._holders == 0
        if last:
            self._reader.close()

    # -- words

    def counts(self, field: str, word: str) -> Counts:
        """Return how often a word is on each page, deleted pages included."""
        pages, counts, _ = self._read(field, word)
        return dict(zip(pages, counts, strict=True))

    def places(self, word: str) -> dict[int, bytes]:
        """Return where a word stands on each page, encoded."""
        pages, _, places = self._read("all", word, places=True)
        return dict(zip(pages, places, strict=True))

    def _read(
        self, field: str, word: str, *, places: bool = False
    ) -> tuple[list[int], list[float], list[bytes]]:
        budget.check()
        # Whoosh's files have one reading position for all threads.
        with self._lock:
            try:
                matcher = self._reader.postings(field, word)
            except TermNotFound:
                return [], [], []
            if isinstance(matcher, FilterMatcher):
                matcher = matcher.child
            found: tuple[list[int], list[float], list[bytes]]
            found = matcher.read_all(places)
            return found

    def completions(self, prefix: str) -> list[str]:
        """Return the words of the field "all" that start so."""
        start = prefix.encode("utf-8")
        found = []
        with self._lock:
            for field, term in self._reader.terms_from("all", start):
                if field != "all" or not term.startswith(start):
                    break
                found.append(term.decode("utf-8"))
        return found

    @cached_property
    def lexicon(self) -> Lexicon:
        with self._lock:
            words = [term.decode("utf-8") for term in self._reader.lexicon("all")]
        return Lexicon(words)

    # -- values

    def with_value(self, field: str, value: str) -> set[int]:
        """Return the pages that a filter value leaves."""
        if field not in self._filters:
            found: dict[str, set[int]] = {}
            for page, values in enumerate(self.values):
                for each in matched_values(field, values):
                    found.setdefault(each, set()).add(page)
            self._filters[field] = found
        return self._filters[field].get(value, set())

    def facet(self, field: str) -> list[tuple[str, ...]]:
        """Return the values of a facet for each page."""
        if field not in self._facets:
            self._facets[field] = [facet_values(field, v) for v in self.values]
        return self._facets[field]

    def document(self, page: int) -> Document:
        """Return what is shown of a page."""
        with self._lock:
            packed = bytes(self._bodies[page])
        values, (name, title) = self.values[page], self.names[page]
        return Document(
            self.ids[page],
            self.seqs[page],
            name,
            title,
            unpack(packed),
            aliases=self._aliases.get(page, ()),
            tags=values.tags,
            kind=values.kind,
            lang=values.lang,
            author=values.author,
            updated=values.updated,
            audience=values.audience,
        )

    # -- titles

    @cached_property
    def _titles(self) -> tuple[str, list[int]]:
        """All folded titles in one text, and where each begins."""
        starts, at = [], 0
        for heading in self.headings:
            starts.append(at)
            at += len(heading) + 1
        return "\n".join(self.headings), starts

    def titles_with(self, text: str) -> Iterator[int]:
        """Yield the pages whose folded title holds a text."""
        titles, starts = self._titles
        at = titles.find(text)
        while at >= 0:
            page = bisect_right(starts, at) - 1
            yield page
            at = titles.find(text, starts[page] + len(self.headings[page]))
