"""Lines up two sequences at a bounded cost, for the merge and for the diff.

An exact longest common subsequence costs as much as there are pairs of equal items,
which a page of equal lines turns into minutes. So: common ends first, then items that
occur once (the "patience" method), then as many pairs as the budget allows (Hunt and
Szymanski, CACM 20:5, 1977), then the k-th occurrence with the k-th.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

# Pairs of equal items looked at in one comparison, and levels of refinement.
_PAIRS = 150_000
_DEPTH = 12
# Cells, and characters times cells per row, of one pairing by similarity.
_CELLS = 900
_PAIR_COST = 400_000
_ALIKE = 0.4


class Hunk(NamedTuple):
    """Items ``a1`` to ``a2`` became items ``b1`` to ``b2`` of the other."""

    a1: int
    a2: int
    b1: int
    b2: int


def hunks(a: Sequence[str], b: Sequence[str]) -> list[Hunk]:
    """Return where two sequences differ, in order; between hunks they are equal."""
    work = _Alignment(a, b)
    work.split(0, len(a), 0, len(b), 0)
    return work.joined()


class _Alignment:
    def __init__(self, a: Sequence[str], b: Sequence[str]) -> None:
        self.a, self.b = a, b
        self.left = _PAIRS
        self.found: list[Hunk] = []

    def joined(self) -> list[Hunk]:
        out: list[Hunk] = []
        for hunk in self.found:
            if out and out[-1].a2 == hunk.a1 and out[-1].b2 == hunk.b1:
                hunk = Hunk(out[-1].a1, hunk.a2, out.pop().b1, hunk.b2)
            out.append(hunk)
        return out

    def split(self, a1: int, a2: int, b1: int, b2: int, depth: int) -> None:
        a, b = self.a, self.b
        while a1 < a2 and b1 < b2 and a[a1] == b[b1]:
            a1, b1 = a1 + 1, b1 + 1
        while a1 < a2 and b1 < b2 and a[a2 - 1] == b[b2 - 1]:
            a2, b2 = a2 - 1, b2 - 1
        if a1 == a2 and b1 == b2:
            return
        anchors = []
        if a1 < a2 and b1 < b2 and depth < _DEPTH:
            anchors = longest_chain(self.pairs(a1, a2, b1, b2))
        if not anchors:
            self.found.append(Hunk(a1, a2, b1, b2))
            return
        for i, j in [*anchors, (a2, b2)]:
            if a1 < i or b1 < j:
                self.split(a1, i, b1, j, depth + 1)
            a1, b1 = i + 1, j + 1

    def pairs(self, a1: int, a2: int, b1: int, b2: int) -> list[tuple[int, int]]:
        """Return pairs of equal items, by i rising and then j falling."""
        in_a, in_b = _places(self.a, a1, a2), _places(self.b, b1, b2)
        common = [item for item in in_a if item in in_b]
        once = [x for x in common if len(in_a[x]) == len(in_b[x]) == 1]
        found: list[tuple[int, int]] = []
        for item in once or sorted(common, key=lambda x: len(in_a[x]) * len(in_b[x])):
            there, here = in_a[item], in_b[item]
            cost = len(there) * len(here)
            if cost == 1:
                found.append((there[0], here[0]))
            elif cost <= self.left:
                self.left -= cost
                found += [(i, j) for i in there for j in here]
            else:
                found += zip(there, here, strict=False)
        found.sort(key=lambda pair: (pair[0], -pair[1]))
        return found


def _places(items: Sequence[str], start: int, end: int) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for i in range(start, end):
        places[items[i]].append(i)
    return places


def longest_chain(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest chain that rises in both places.

    Pairs come sorted by the first place rising, then the second falling.
    """
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (_, j) in enumerate(pairs):
        k = bisect_left(tails, j)
        before.append(ends[k - 1] if k else -1)
        if k == len(tails):
            tails.append(j)
            ends.append(at)
        else:
            tails[k], ends[k] = j, at
    chain = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(pairs[at])
        at = before[at]
    return chain[::-1]


def refined(hunk: Hunk, a: Sequence[str], b: Sequence[str]) -> list[Hunk]:
    """Return a hunk cut into changes of one item each, as far as items are alike.

    As many items on both sides are taken as changed one by one.
    """
    na, nb = hunk.a2 - hunk.a1, hunk.b2 - hunk.b1
    if na == 0 or nb == 0 or (na == 1 and nb == 1):
        return [hunk]
    pairs = _alike(a[hunk.a1 : hunk.a2], b[hunk.b1 : hunk.b2])
    if len(pairs) < min(na, nb) and na == nb:
        pairs = [(i, i) for i in range(na)]
    out = []
    a1, b1 = hunk.a1, hunk.b1
    for i, j in pairs:
        ai, bj = hunk.a1 + i, hunk.b1 + j
        if a1 < ai or b1 < bj:
            out.append(Hunk(a1, ai, b1, bj))
        out.append(Hunk(ai, ai + 1, bj, bj + 1))
        a1, b1 = ai + 1, bj + 1
    if a1 < hunk.a2 or b1 < hunk.b2:
        out.append(Hunk(a1, hunk.a2, b1, hunk.b2))
    return out


def _alike(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Return which items of ``a`` became which of ``b``: the likest rising chain."""
    cells = len(a) * len(b)
    size = sum(map(len, a)) * len(b) + sum(map(len, b)) * len(a)
    if cells > _CELLS or size > _PAIR_COST:
        return []
    words_a = [Counter(x.split()) for x in a]
    words_b = [Counter(x.split()) for x in b]
    best = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    like = [[_likeness(x, y) for y in words_b] for x in words_a]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            with_pair = like[i][j] + best[i + 1][j + 1] if like[i][j] else 0.0
            best[i][j] = max(with_pair, best[i + 1][j], best[i][j + 1])
    chain = []
    i = j = 0
    while i < len(a) and j < len(b):
        if like[i][j] and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            chain.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return chain


def _likeness(x: Counter[str], y: Counter[str]) -> float:
    total = x.total() + y.total()
    share = 2 * (x & y).total() / total if total else 0.0
    return share if share >= _ALIKE else 0.0
