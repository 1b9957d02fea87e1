"""Queries over the segments of one generation of a Whoosh index.

Sets of page numbers are worked out segment by segment, inside what the viewer may
see; scores are then added up for the pages that match.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from heapq import nlargest, nsmallest
from itertools import chain

from wiki.model.actor import Sees
from wiki.search import budget, scan, tree
from wiki.search.base import (
    And,
    Document,
    EngineHit,
    Filter,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Title,
    Totals,
    Word,
)
from wiki.search.fields import fold_value
from wiki.search.scoring import DIGITS, Curve, curves, order
from wiki.search.spelling import preference
from wiki.search.whoosh_schema import decode
from wiki.search.whoosh_shelf import Counts, Shelf
from wiki.search.whoosh_view import Pages, View, both


class WhooshSnapshot:
    """A generation in the hands of one thread."""

    def __init__(self, views: Sequence[View], seq: int, totals: Totals) -> None:
        self._views = views
        self.seq = seq
        self._totals = totals
        self._counts: dict[tuple[int, str, str], Counts] = {}
        self._completions: dict[tuple[str, Sees], list[str]] = {}
        self._matched: dict[
            tuple[Node, Sees, frozenset[int]], list[tuple[int, set[int]]]
        ] = {}

    def totals(self) -> Totals:
        return self._totals

    # -- the answers

    def search(
        self,
        query: Node,
        *,
        limit: int,
        offset: int = 0,
        sees: Sees = None,
        exclude_ids: frozenset[int] = frozenset(),
    ) -> list[EngineHit]:
        matched = self._match(query, sees, exclude_ids)
        words = tree.scored(query)
        lines = {
            (word, weight): curves(*self._df(word, sees), self._totals, weight)
            for word, weight in words
        }
        best: list[EngineHit] = []
        for view, pages in matched:
            scores = self._score(view, pages, words, lines, sees)
            best += self._best(self._views[view].shelf, scores, limit + offset)
        return sorted(best, key=order)[offset : offset + limit]

    def count(
        self,
        query: Node,
        *,
        sees: Sees = None,
        exclude_ids: frozenset[int] = frozenset(),
    ) -> int:
        return sum(len(pages) for _, pages in self._match(query, sees, exclude_ids))

    def facets(
        self,
        query: Node,
        fields: Sequence[str],
        *,
        sees: Sees = None,
        exclude_ids: frozenset[int] = frozenset(),
    ) -> dict[str, dict[str, int]]:
        matched = self._match(query, sees, exclude_ids)
        found = {}
        for field in fields:
            counts: Counter[str] = Counter()
            for view, pages in matched:
                values = self._views[view].shelf.facet(field)
                counts.update(chain.from_iterable(map(values.__getitem__, pages)))
            found[field] = scan.one_spelling(field, counts)
        return found

    def documents(self, ids: Sequence[int]) -> dict[int, Document]:
        return {
            id: view.shelf.document(number)
            for view in self._views
            for id in ids
            if (number := view.shelf.numbers.get(id)) is not None
            and number in view.live
        }

    def df(
        self, words: Sequence[str], fields: Sequence[str] = ("all",)
    ) -> dict[str, tuple[int, ...]]:
        return {
            word: tuple(self._pages_with(word, field, None) for field in fields)
            for word in words
        }

    def terms(self, prefix: str, n: int, *, sees: Sees = None) -> list[str]:
        return self._ranked(prefix, sees)[:n]

    def near(self, word: str, distance: int, n: int, *, sees: Sees = None) -> list[str]:
        errors = {
            candidate: wrong
            for view in self._views
            for wrong, candidate in view.shelf.lexicon.near(word, distance)
        }
        pages = {c: self._visible_pages_with(c, sees) for c in errors}
        return sorted(
            (c for c in errors if pages[c]),
            key=lambda c: preference(word, c, errors[c], pages[c]),
        )[:n]

    def titles(
        self,
        prefix_words: Sequence[str],
        *,
        limit: int,
        sees: Sees = None,
        exclude_ids: frozenset[int] = frozenset(),
    ) -> list[Title]:
        # The longest piece leaves the fewest titles to look at.
        lead = scan.lead(max(prefix_words, key=len))
        start = " " + prefix_words[0]
        found = []
        for number, view in enumerate(self._views):
            shelf, visible = view.shelf, view.visible(sees, exclude_ids)
            for page in shelf.titles_with(lead):
                heading = shelf.headings[page]
                if page in visible and scan.starts(heading, prefix_words):
                    elsewhere = not heading.startswith(start)
                    key = (elsewhere, len(heading), shelf.ids[page])
                    found.append((key, number, page))
        return [
            Title(*key, *self._views[number].shelf.names[page])
            for key, number, page in nsmallest(limit, found)
        ]

    # -- which pages match

    def _match(
        self, query: Node, sees: Sees, exclude_ids: frozenset[int]
    ) -> list[tuple[int, set[int]]]:
        """Return (number of the view, pages) for all views with matching pages."""
        key = (query, sees, exclude_ids)
        if key not in self._matched:
            found = []
            for number, view in enumerate(self._views):
                within = view.visible(sees, exclude_ids)
                pages = self._pages(query, number, within, sees) if within else set()
                if pages:
                    found.append((number, set(pages)))
            self._matched[key] = found
        return self._matched[key]

    def _pages(self, node: Node, view: int, within: Pages, sees: Sees) -> Pages:
        """Return those of the pages ``within`` that match."""
        budget.check()
        if isinstance(node, Word):
            return both(within, self._read(view, "all", node.text))
        if isinstance(node, And):
            for part in sorted(node.parts, key=_cost):
                if not within:
                    break
                within = self._pages(part, view, within, sees)
            return within
        if isinstance(node, Or):
            parts = (self._pages(part, view, within, sees) for part in node.parts)
            return set().union(*parts)
        if isinstance(node, Not):
            return within.difference(self._pages(node.part, view, within, sees))
        if isinstance(node, Phrase):
            return self._phrase(view, node.words, within)
        if isinstance(node, Prefix):
            words = self._complete(node.text, sees)
            lists = (self._read(view, "all", word) for word in words)
            return within.intersection(chain.from_iterable(lists))
        return self._filter(node, view, within)

    def _filter(self, node: Filter, view: int, within: Pages) -> set[int]:
        shelf = self._views[view].shelf
        if node.field == "updated":
            updated = shelf.updated
            return {
                page
                for page in within
                if any(scan.within(span, updated[page]) for span in node.values)
            }
        found: set[int] = set()
        for value in node.values:
            folded = fold_value(node.field, value)
            found |= within & shelf.with_value(node.field, folded)
        return found

    def _phrase(self, view: int, words: Sequence[str], within: Pages) -> set[int]:
        for counts in sorted(
            (self._read(view, "all", word) for word in words), key=len
        ):
            within = both(within, counts)
            if not within:
                return set()
        shelf = self._views[view].shelf
        places = {word: shelf.places(word) for word in words}
        found = set()
        for n, page in enumerate(within):
            if n % 32 == 0:
                budget.check()
            if _stand_together([places[word][page] for word in words]):
                found.add(page)
        return found

    # -- how well

    def _score(
        self,
        view: int,
        pages: set[int],
        words: Sequence[tuple[str, float]],
        lines: dict[tuple[str, float], list[Curve]],
        sees: Sees,
    ) -> dict[int, float]:
        scores = dict.fromkeys(pages, 0.0)
        for pair in words:
            for field, line in zip(("all", "title"), lines[pair], strict=True):
                budget.check()
                counts = self._with_word(view, field, pair[0], sees)
                lengths = self._views[view].shelf.lengths[field]
                top, base, slope = line.top, line.base, line.slope
                for page in both(pages, counts):
                    count = counts[page]
                    scores[page] += top * count / (count + base + slope * lengths[page])
        return scores

    def _best(
        self, shelf: Shelf, scores: dict[int, float], limit: int
    ) -> list[EngineHit]:
        least = float("-inf")
        if len(scores) > limit:
            # Not rounded, so one unit of the last digit is left for ties.
            least = nlargest(limit, scores.values())[-1] - 10**-DIGITS
        hits = [
            EngineHit(shelf.ids[page], round(score, DIGITS), shelf.updated[page])
            for page, score in scores.items()
            if score >= least
        ]
        return sorted(hits, key=order)[:limit]

    # -- words

    def _read(self, view: int, field: str, word: str) -> Counts:
        key = (view, field, word)
        if key not in self._counts:
            self._counts[key] = self._views[view].shelf.counts(field, word)
        return self._counts[key]

    def _with_word(self, view: int, field: str, word: str, sees: Sees) -> Counts:
        """Return the pages with a word, or with any completion of a prefix."""
        if not word.endswith("*"):
            return self._read(view, field, word)
        summed: Counts = {}
        for completion in self._complete(word[:-1], sees):
            for page, count in self._read(view, field, completion).items():
                summed[page] = summed.get(page, 0.0) + count
        return summed

    def _df(self, word: str, sees: Sees) -> tuple[int, int]:
        return (
            self._pages_with(word, "all", sees),
            self._pages_with(word, "title", sees),
        )

    def _pages_with(self, word: str, field: str, sees: Sees) -> int:
        total = 0
        for number, view in enumerate(self._views):
            pages = self._with_word(number, field, word, sees)
            total += len(pages)
            if view.deleted:
                total -= len(both(view.deleted, pages))
        return total

    def _visible_pages_with(self, word: str, sees: Sees) -> int:
        return sum(
            len(both(view.visible(sees, frozenset()), pages))
            for number, view in enumerate(self._views)
            if (pages := self._read(number, "all", word))
        )

    def _complete(self, prefix: str, sees: Sees) -> list[str]:
        """Return the completions used for a prefix, a word of a query."""
        return self._ranked(prefix, sees)[: tree.MAX_COMPLETIONS]

    def _ranked(self, prefix: str, sees: Sees) -> list[str]:
        """Return the words that start so, those on most visible pages first."""
        key = (prefix, sees)
        if key not in self._completions:
            words = {w for view in self._views for w in view.shelf.completions(prefix)}
            pages = {word: self._visible_pages_with(word, sees) for word in words}
            found = [word for word in words if pages[word]]
            found.sort(key=lambda word: (-pages[word], word))
            self._completions[key] = found
        return self._completions[key]


def _stand_together(data: list[bytes]) -> bool:
    """Tell whether the words whose places are given stand one after the other."""
    by_length = sorted(enumerate(data), key=lambda pair: len(pair[1]))
    first, rarest = by_length[0]
    starts = [place - first for place in decode(rarest)]
    for n, each in by_length[1:]:
        places = set(decode(each))
        starts = [start for start in starts if start + n in places]
        if not starts:
            return False
    return True


def _cost(node: Node) -> int:
    """Return in which order the parts of an AND are worked out, cheap first."""
    return 2 if isinstance(node, Not) else int(isinstance(node, Phrase))
