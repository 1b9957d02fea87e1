"""Print how well search finds known pages: python -m bench.search_quality.

Known items are drawn from 1,000 pages of real documentation with a fixed seed. Pages
of the same title (versions of one page) count as the same item, and a sentence is
drawn only if no page of another title has it. Bars are those of the specification of
search, section 13.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.search_cost import MemorySource, corpus
from wiki.search import analysis
from wiki.search.base import Document
from wiki.search.engines import make_engine
from wiki.search.fields import FINGERPRINT
from wiki.search.finder import Finder

ITEMS = 300


def title(page: Document, dice: random.Random) -> str:
    return " ".join(re.findall(r"\w+", page.title))


def title_and_body(page: Document, dice: random.Random) -> str:
    names = [word for word in analysis.words(page.title) if len(word) > 2]
    others = {word for word in analysis.words(page.body) if len(word) > 4}
    picked = dice.sample(names, k=min(2, len(names)))
    return " ".join([*picked, dice.choice(sorted(others - set(names)))])


def sentences(page: Document) -> list[tuple[str, ...]]:
    texts = re.split(r"[.!?]\s|\n\n", page.body)
    return [tuple(analysis.words(text)) for text in texts]


class Sentence:
    """Four words of a sentence that no page of another title has."""

    def __init__(self, pages: Sequence[Document]) -> None:
        self._titles: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for page in pages:
            for each in sentences(page):
                self._titles[each].add(page.title)

    def __call__(self, page: Document, dice: random.Random) -> str:
        found = []
        for each in sentences(page):
            words = sorted({word for word in each if len(word) > 3})
            if len(words) >= 6 and len(self._titles[each]) == 1:
                found.append(words)
        return " ".join(dice.sample(dice.choice(found), k=4)) if found else page.title


def typo(page: Document, dice: random.Random) -> str:
    words = analysis.words(page.title)
    long = [n for n, word in enumerate(words) if len(word) > 4]
    if not long:
        return " ".join(words)
    n = dice.choice(long)
    word, at = words[n], dice.randrange(1, len(words[n]) - 1)
    changed = dice.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + dice.choice("abcdefghijklmnopqrstuvwxyz") + word[at:],
        ]
    )
    return " ".join([*words[:n], changed, *words[n + 1 :]])


Make = Callable[[Document, random.Random], str]


def kinds(pages: Sequence[Document]) -> list[tuple[str, Make, str]]:
    """Return the kinds of queries with their bars."""
    return [
        ("exact title", title, "hit@1 and MRR 0.97, recall@10 1.0"),
        (
            "two title words + one body word",
            title_and_body,
            "MRR 0.85, recall@10 0.95",
        ),
        (
            "four words of one sentence",
            Sentence(pages),
            "MRR 0.85, recall@10 0.96",
        ),
        ("title with one typing error", typo, "recall@10 0.95"),
    ]


def rank(finder: Finder, query: str, page: Document) -> int:
    """Return the place of a page among the first 20 hits, 0 when it is not there."""
    for place, hit in enumerate(finder.search(query[:256], None).hits, 1):
        if hit.title == page.title:
            return place
    return 0


def main() -> None:
    pages = corpus()
    source = MemorySource(pages)
    engine = make_engine(sys.argv[1] if len(sys.argv) > 1 else "whoosh")
    dice = random.Random(300)
    with tempfile.TemporaryDirectory() as folder:
        engine.rebuild(Path(folder), FINGERPRINT, pages, source.last_seq())
        finder = Finder(engine, source, Path(folder))
        items = dice.sample([p for p in pages if len(p.body) > 500], k=ITEMS)
        print(f"{'query':34}{'hit@1':>8}{'MRR':>8}{'rec@10':>8}   bar")
        for name, make, bar in kinds(pages):
            places = []
            for page in items:
                query = make(page, dice)
                places.append(rank(finder, query, page))
            first = sum(place == 1 for place in places) / ITEMS
            mrr = sum(1 / place for place in places if place) / ITEMS
            recall = sum(0 < place <= 10 for place in places) / ITEMS
            print(f"{name:34}{first:8.3f}{mrr:8.3f}{recall:8.3f}   {bar}")
        finder.close()


if __name__ == "__main__":
    main()
