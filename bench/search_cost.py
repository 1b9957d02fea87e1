"""Print what search costs: python -m bench.search_cost [engine] [times].

CPU ms of this process, medians, warm, for the corpus of 1,000 pages and for the corpus
multiplied (10 times, unless told). Bars are those of the specification of search,
section 14, for Whoosh.
"""

from __future__ import annotations

import gc
import os
import random
import re
import resource
import sys
import tarfile
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import process_time

from wiki.model.actor import Sees
from wiki.search.base import Document, Engine, Upsert
from wiki.search.engines import make_engine
from wiki.search.fields import FINGERPRINT
from wiki.search.finder import Finder
from wiki.search.query import parse
from wiki.search.snippets import snippet

_DATA = Path(
    os.environ.get("WIKI_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data"
)
_ADDRESS = re.compile(r"\]\([^)\s]*\)")


def corpus() -> list[Document]:
    """Return the pages of the corpus; the addresses of links are no visible text."""
    pages = []
    with tarfile.open(_DATA / "corpus-1000.tar.gz") as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            file = archive.extractfile(member)
            if file is None or "/pages/" not in member.name:
                continue
            text = _ADDRESS.sub("]", file.read().decode("utf-8"))
            first, _, body = text.partition("\n")
            id = len(pages) + 1
            name = member.name.partition("/pages/")[2].removesuffix(".md")
            page = Document(id, id, name, first.lstrip("# ").replace("`", ""), body)
            tags = (f"tag{id % 7}", f"rare{id % 97}")
            pages.append(replace(page, tags=tags, kind=f"kind{id % 3}", updated=id))
    return pages


def multiplied(pages: list[Document], times: int) -> list[Document]:
    """Return the pages under several roots, each with other paragraphs left out."""
    dice = random.Random(times)
    many = []
    for root in range(times):
        for page in pages:
            id = len(many) + 1
            parts = page.body.split("\n\n")
            kept = [part for part in parts if dice.random() < 0.9] or parts
            body = "\n\n".join([*kept, f"variant{root} only{id}"])
            name = f"root{root}/{page.name}"
            many.append(replace(page, id=id, seq=id, name=name, body=body, updated=id))
    return many


class MemorySource:
    """Implements ``wiki.search.base.Source`` over a list of pages."""

    def __init__(self, pages: Sequence[Document]) -> None:
        self._pages = {page.id: page for page in pages}
        self._names = {page.name: page.id for page in pages}
        self._feed = [(page.seq, page.id) for page in pages]
        self._ids = sorted(self._pages)

    def save(self, page: Document) -> None:
        page = replace(page, seq=self.last_seq() + 1)
        self._pages[page.id] = page
        self._names[page.name] = page.id
        self._feed.append((page.seq, page.id))

    def last_seq(self) -> int:
        return self._feed[-1][0] if self._feed else 0

    def changes(self, after_seq: int, limit: int) -> list[tuple[int, int]]:
        start = bisect_right(self._feed, (after_seq, 2**62))
        return self._feed[start : start + limit]

    def documents(self, ids: Sequence[int]) -> dict[int, Document]:
        return {id: self._pages[id] for id in ids if id in self._pages}

    def ids(self, after: int, limit: int) -> list[int]:
        start = bisect_right(self._ids, after)
        return self._ids[start : start + limit]

    def audiences(self, names: Sequence[str]) -> dict[str, str]:
        return {
            name: self._pages[self._names[name]].audience
            for name in names
            if name in self._names
        }

    def titles(self, text: str, limit: int, sees: Sees) -> list[tuple[int, str, str]]:
        return []


# What is measured, the query, and the bars at 1,000 and 10,000 pages.
CALLS = (
    ("rare word", "ctxtstreambuf", 1, 3),
    ("two words (AND)", "thread exception", 3, 10),
    ("common word", "function", 4, 15),
    ("three words (OR)", "function OR thread OR exception", 10, 20),
    ("phrase", '"base class"', 4, 45),
    ("prefix", "serial*", 5, 15),
    ("word + tag filter", "function tag:tag3", 3, 20),
)
# The same as whole searches, with snippets and facets: below DokuWiki's figure.
WHOLE = {"rare word": 6, "two words (AND)": 23, "prefix": 23, "common word": 49,
         "phrase": 62}  # fmt: skip


def cost(work: Callable[[], object], times: int = 15) -> float:
    """Return the median CPU ms of a call, after one to warm up."""
    work()
    spent = []
    for _ in range(times):
        start = process_time()
        work()
        spent.append((process_time() - start) * 1000)
    return median(spent)


def line(name: str, ms: float, bar: float | str = "") -> None:
    print(f"  {name:34}{ms:9.2f}   {bar}")


def measure(pages: list[Document], engine: Engine, folder: Path, column: int) -> None:
    source = MemorySource(pages)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = process_time()
    engine.rebuild(folder, FINGERPRINT, pages, source.last_seq())
    line("build from nothing, CPU s", process_time() - start, (6, 60)[column])
    text = sum(len(page.body.encode()) for page in pages)
    files = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    line("index size / text", files / text, (1.5, 1.2)[column])
    gc.freeze()
    finder = Finder(engine, source, folder)
    for name, query, *bars in CALLS:
        line(name, cost(lambda query=query: _search(engine, query)), bars[column])
    _small_calls(engine, finder, pages, column)
    for name, query, *_ in CALLS:
        whole = cost(lambda query=query: finder.search(query, None))
        line(f"whole search: {name}", whole, WHOLE.get(name, ""))
    _with_changes(finder, source, pages)
    batch = [Upsert(replace(page, seq=10**6)) for page in pages[:8]]
    line(
        "update, batch of 8 pages",
        cost(lambda: engine.apply(batch, 10**6), 5),
        (80, 130)[column],
    )
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    line("memory added at most, MB (build too)", more / 1024)
    finder.close()


def _search(engine: Engine, query: str) -> None:
    """One engine call: the first page and the true total."""
    node = parse(query).node
    assert node is not None
    with engine.snapshot() as snapshot:
        snapshot.search(node, limit=20)
        snapshot.count(node)


def _small_calls(
    engine: Engine, finder: Finder, pages: list[Document], column: int
) -> None:
    def near() -> None:
        with engine.snapshot() as snapshot:
            snapshot.near("exceptoin", 2, 1)

    def all_snippets() -> None:
        for page in pages[:2000:100]:
            snippet(page.body, ["function", "exception"])

    suggest = cost(lambda: finder.suggest("str", None))
    line("as-you-type title", suggest, (1.5, 3)[column])
    line("typo correction", cost(near), (6, 12)[column])
    line("20 snippets", cost(all_snippets), (10, 15)[column])
    line("generation()", cost(engine.generation), 0.05)


def _with_changes(finder: Finder, source: MemorySource, pages: list[Document]) -> None:
    """64 pages changed since the index was written."""
    plain = cost(lambda: finder.search("thread exception", None))
    for page in pages[100:164]:
        source.save(page)
    changed = cost(lambda: finder.search("thread exception", None))
    line("64 changed pages add", changed - plain, 0.1)


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "whoosh"
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    pages = corpus()
    for column, many in enumerate((pages, multiplied(pages, times))):
        print(f"{name}, {len(many)} pages: CPU ms, and the bar")
        with tempfile.TemporaryDirectory() as folder:
            measure(many, make_engine(name), Path(folder), column)


if __name__ == "__main__":
    main()
