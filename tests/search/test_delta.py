"""Pages changed since the index was written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wiki.search.base import Document, Upsert, Word
from wiki.search.combined import Combined
from wiki.search.delta import MAX_PAGES, MAX_READ, Delta
from wiki.search.memory import MemoryEngine
from wiki.search.query import parse

Doc = Callable[..., Document]


def test_only_the_newest_state_of_each_page_is_kept(feed: Any, doc: Doc) -> None:
    feed.save(doc(1, "One"), doc(2, "Two"))
    feed.save(doc(1, "One again"))
    feed.delete(2)
    fresh = Delta().catch_up(feed, 0)
    assert [page.document.title for page in fresh.pages] == ["One again"]
    assert fresh.gone == {1, 2}
    assert fresh.pending == 0


def test_what_the_index_has_by_now_is_forgotten(feed: Any, doc: Doc) -> None:
    delta = Delta()
    feed.save(doc(1, "One"))
    feed.save(doc(2, "Two"))
    assert delta.catch_up(feed, 0).gone == {1, 2}
    assert delta.catch_up(feed, 1).gone == {2}
    assert delta.catch_up(feed, 2).gone == frozenset()
    feed.save(doc(1, "One again"))
    assert delta.catch_up(feed, 2).gone == {1}


def test_an_index_that_went_back_is_caught_up(feed: Any, doc: Doc) -> None:
    delta = Delta()
    feed.save(doc(1, "One"))
    feed.save(doc(2, "Two"))
    assert delta.catch_up(feed, 2).gone == frozenset()
    assert delta.catch_up(feed, 0).gone == {1, 2}


def test_changes_of_no_page_are_passed_over(doc: Doc) -> None:
    class Other:
        def last_seq(self) -> int:
            return 3

        def changes(self, after: int, limit: int) -> list[tuple[int, int]]:
            return [row for row in [(1, 0), (2, 7), (3, 0)] if row[0] > after][:limit]

        def documents(self, ids: list[int]) -> dict[int, Document]:
            assert ids == [7]
            return {7: doc(7)}

    assert Delta().catch_up(Other(), 0).gone == {7}  # type: ignore[arg-type]


def test_an_import_is_read_step_by_step_the_newest_first(
    feed: Any, doc: Doc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wiki.search.delta._SECONDS", 60.0)
    delta = Delta()
    feed.save(*(doc(n, f"Page w{n}") for n in range(1, 1201)))
    fresh = delta.catch_up(feed, 0)
    assert len(fresh.pages) == MAX_READ
    assert fresh.pending == 1200 - MAX_READ
    assert len(fresh.gone) == 1200
    assert min(page.id for page in fresh.pages) == 1201 - MAX_READ
    for _ in range(20):
        fresh = delta.catch_up(feed, 0)
    assert len(fresh.pages) == MAX_PAGES
    feed.save(doc(9000, "Newest"))
    fresh = delta.catch_up(feed, 0)
    assert len(fresh.pages) == MAX_PAGES
    assert 9000 in {page.id for page in fresh.pages}
    assert len(fresh.gone) == 1201
    assert fresh.pending == 1201 - MAX_PAGES


def _engine(*documents: Document) -> MemoryEngine:
    engine = MemoryEngine()
    engine.apply([Upsert(document) for document in documents], len(documents))
    return engine


def test_together_they_answer_like_one_index(feed: Any, doc: Doc) -> None:
    old = [
        doc(n, f"Word w{n}", "tenant union " * (n % 4), tags=("a" if n % 2 else "b",))
        for n in range(1, 41)
    ]
    feed.save(*old)
    changed = [
        doc(3, "Word changed", "lease", tags=("B",)),
        doc(50, "Word new", "tenant"),
        doc(7, "Hidden", "word tenant", audience="admins"),
    ]
    feed.save(*changed)
    feed.delete(5)
    after = {**{d.id: d for d in old}, **{d.id: d for d in changed}}
    del after[5]
    index, everything = _engine(*old), _engine(*after.values())
    fresh = Delta().catch_up(feed, 40)
    sees = frozenset({"public"})
    with index.snapshot() as some, everything.snapshot() as all_of_it:
        view = Combined(some, fresh, sees)
        for text in ("word", "tenant OR lease", '"tenant union"', "word -tag:b", "te*"):
            query = parse(text).node
            assert query is not None
            expected = {hit.id for hit in all_of_it.search(query, limit=99, sees=sees)}
            found = [hit.id for hit in view.search(query, 0, 99)]
            assert set(found) == expected, text
            assert len(found) == len(expected) == view.count(query)
            pages = [
                hit.id for n in range(0, 60, 7) for hit in view.search(query, n, 7)
            ]
            assert pages == found
            counted = view.facets(query, ["tags"])["tags"]
            assert sum(counted.values()) == sum(len(after[id].tags) for id in expected)
        assert view.count(Word("w3")) == 0
        assert [title.id for title in view.titles(["word", "new"], 5)] == [50]
        assert view.titles(["w5"], 5) == []
        assert view.documents([50, 1])[50].title == "Word new"
