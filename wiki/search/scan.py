"""Match and score pages one by one: for the memory engine and the delta."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from wiki.model.actor import Sees, may_see
from wiki.search.analysis import unspaced
from wiki.search.base import (
    And,
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
from wiki.search.fields import Indexed, facet_values, fold_value, matched_values
from wiki.search.scoring import DIGITS, Curve, curves
from wiki.search.tree import scored

# The completions to use of each prefix; a prefix that is absent means all of them.
Completions = Mapping[str, Collection[str]]


def matches(node: Node, page: Indexed, completions: Completions) -> bool:
    """Tell whether a page is what a query asks for."""
    if isinstance(node, Word):
        return node.text in page.all.places
    if isinstance(node, And):
        return all(matches(part, page, completions) for part in node.parts)
    if isinstance(node, Or):
        return any(matches(part, page, completions) for part in node.parts)
    if isinstance(node, Not):
        return not matches(node.part, page, completions)
    if isinstance(node, Phrase):
        return has_phrase(page.all.places, node.words)
    if isinstance(node, Prefix):
        return any(True for _ in completed(node.text, page, completions))
    return has_value(node, page)


def has_phrase(places: Mapping[str, list[int]], words: Sequence[str]) -> bool:
    """Tell whether the words stand one after the other."""
    if any(word not in places for word in words):
        return False
    starts = set(places[words[0]])
    for n, word in enumerate(words[1:], 1):
        starts &= {place - n for place in places[word]}
        if not starts:
            return False
    return True


def completed(prefix: str, page: Indexed, completions: Completions) -> Iterable[str]:
    """Return the words of a page that a prefix stands for."""
    allowed = completions.get(prefix)
    return (
        word
        for word in page.all.places
        if word.startswith(prefix) and (allowed is None or word in allowed)
    )


def has_value(node: Filter, page: Indexed) -> bool:
    """Tell whether a page passes a filter."""
    if node.field == "updated":
        return any(within(span, page.values.updated) for span in node.values)
    found = matched_values(node.field, page.values)
    return any(fold_value(node.field, value) in found for value in node.values)


def within(span: str, moment: int) -> bool:
    """Tell whether a time lies in a span ``"<from>..<to>"`` of milliseconds."""
    start, _, end = span.partition("..")
    return int(start) <= moment < int(end)


def visible(pages: Iterable[Indexed], sees: Sees) -> Iterable[Indexed]:
    return (page for page in pages if may_see(sees, page.values.audience))


def score(
    page: Indexed,
    words: Sequence[tuple[str, float]],
    lines: Mapping[tuple[str, float], Sequence[Curve]],
    completions: Completions,
) -> float:
    """Return the score of a page; ``lines`` are the curves of each word."""
    total = 0.0
    for pair in words:
        for field, line in zip((page.all, page.title), lines[pair], strict=True):
            count = _count(field.counts, pair[0], page, completions)
            if count:
                total += line.score(count, field.length)
    return round(total, DIGITS)


def _count(
    counts: Mapping[str, int], word: str, page: Indexed, completions: Completions
) -> int:
    if not word.endswith("*"):
        return counts.get(word, 0)
    found = completed(word[:-1], page, completions)
    return sum(counts.get(completion, 0) for completion in found)


def search(
    pages: Iterable[Indexed],
    query: Node,
    df: Mapping[str, tuple[int, ...]],
    totals: Totals,
    completions: Completions,
) -> list[EngineHit]:
    """Return the pages that match with their scores, in no order."""
    words = scored(query)
    lines = {
        (word, weight): curves(df[word][0], df[word][1], totals, weight)
        for word, weight in words
    }
    return [
        EngineHit(page.id, score(page, words, lines, completions), page.values.updated)
        for page in pages
        if matches(query, page, completions)
    ]


def facets(
    pages: Iterable[Indexed], fields: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Count the values of the pages, in one spelling each."""
    found = list(pages)
    return {
        field: one_spelling(
            field,
            Counter(v for page in found for v in facet_values(field, page.values)),
        )
        for field in fields
    }


def one_spelling(field: str, counts: Mapping[str, int]) -> dict[str, int]:
    """Add up spellings that are filtered as one; the most frequent one is shown."""
    shown: dict[str, str] = {}
    summed: Counter[str] = Counter()
    for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        summed[shown.setdefault(fold_value(field, value), value)] += count
    return dict(summed)


def titles(pages: Iterable[Indexed], pieces: Sequence[str]) -> list[Title]:
    """Return the pages with a title word that starts like each of the pieces."""
    start = " " + pieces[0]
    return [
        Title(
            not page.heading.startswith(start),
            len(page.heading),
            page.id,
            page.document.name,
            page.document.title,
        )
        for page in pages
        if starts(page.heading, pieces)
    ]


def starts(heading: str, pieces: Sequence[str]) -> bool:
    """Tell whether some word of a folded title starts like each of the pieces."""
    return all(lead(piece) in heading for piece in pieces)


def lead(piece: str) -> str:
    """Return what to look for in a folded title: scripts without spaces anywhere."""
    return piece if unspaced(piece) else " " + piece
