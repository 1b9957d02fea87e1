"""Words that few typing errors turn into another (spec: search, F-18)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable


def _letters(word: str) -> int:
    """Return a set of letters as bits; one error changes at most two of them."""
    bits = 0
    for char in word:
        bits |= 1 << (ord(char) & 63)
    return bits


class Lexicon:
    """The words of an index, laid out for comparing."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_length: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for word in words:
            self._by_length[len(word)].append((_letters(word), word))

    def near(self, word: str, distance: int) -> list[tuple[int, str]]:
        """Return (errors, word) for words within ``distance`` errors, few first."""
        bits, most = _letters(word), 2 * distance
        found = []
        for length in range(len(word) - distance, len(word) + distance + 1):
            words = self._by_length.get(length, ())
            alike = [w for other, w in words if (bits ^ other).bit_count() <= most]
            for other in alike:
                errors = errors_between(word, other, distance)
                if 0 < errors <= distance:
                    found.append((errors, other))
        return sorted(found)


def errors_between(a: str, b: str, limit: int) -> int:
    """Return the number of letters wrong, missing, extra or swapped with the next.

    Gives up above ``limit`` and then returns ``limit + 1``
    (optimal string alignment).
    """
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    before: list[int] = []
    line = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(line[j] + 1, row[j - 1] + 1, line[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and (not before or min(line) > limit):
            return limit + 1
        before, line = line, row
    return min(line[-1], limit + 1)


def preference(
    word: str, candidate: str, errors: int, pages: int
) -> tuple[object, ...]:
    """Return the sorting key of corrections: near, same start, frequent."""
    return (errors, candidate[:1] != word[:1], -pages, candidate)
