"""The formula: BM25 of "all" plus a fifth of BM25 of the title, for every word."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from wiki.search.base import EngineHit, Totals

K1 = 1.2
B = 0.75
TITLE_WEIGHT = 0.2
# So many digits of a score count: equal pages stay equal, however it was summed.
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Curve:
    """BM25 of one word in one field: count times ``top`` over count plus length part.

    The score of a page is ``top * count / (count + base + slope * length)``.
    """

    top: float
    base: float
    slope: float

    def score(self, count: float, length: int) -> float:
        return self.top * count / (count + self.base + self.slope * length)


def curve(df: int, pages: int, words: int, weight: float) -> Curve:
    """Return the curve for a word on ``df`` of ``pages`` with ``words`` in all.

    The idf is that of Lucene, which is never negative.
    """
    idf = log(1 + (max(pages, df) - df + 0.5) / (df + 0.5))
    average = max(words, 1) / max(pages, 1)
    return Curve(weight * idf * (K1 + 1), K1 * (1 - B), K1 * B / average)


def curves(df: int, df_title: int, totals: Totals, weight: float) -> list[Curve]:
    """Return the curves of a word in "all" and in the title."""
    return [
        curve(df, totals.pages, totals.all, weight),
        curve(df_title, totals.pages, totals.title, weight * TITLE_WEIGHT),
    ]


def order(hit: EngineHit) -> tuple[float, int, int]:
    """Return the sorting key of a hit: score, then newer, then id."""
    return (-hit.score, -hit.updated, hit.id)
