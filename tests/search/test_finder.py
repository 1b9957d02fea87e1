"""A query in, a page of results out, whatever state the index is in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wiki.errors import BadRequest
from wiki.search import answer, budget, rebuilding
from wiki.search.base import Document, Node, Or, Results, Word
from wiki.search.engines import make_engine
from wiki.search.finder import Finder
from wiki.search.follower import Follower

Doc = Callable[..., Document]
PUBLIC = frozenset({"public"})


@pytest.fixture
def follower(feed: Any, tmp_path: Path) -> Follower:
    return Follower(
        lambda: make_engine("whoosh"), feed, tmp_path / "lock", tmp_path / "index"
    )


@pytest.fixture
def finder(feed: Any, tmp_path: Path) -> Iterator[Finder]:
    made = Finder(make_engine("whoosh"), feed, tmp_path / "index")
    yield made
    made.close()


@pytest.fixture
def build(follower: Follower) -> Callable[[], None]:
    """Return a function that brings the index up to date."""

    def run() -> None:
        engine = make_engine("whoosh")
        follower.rebuild(engine)
        engine.close()

    return run


def _ids(results: Results) -> list[int]:
    return [hit.id for hit in results.hits]


def _notes(results: Results) -> str:
    return " ".join(map(str, results.notes))


# -- a page of results


def test_a_hit_has_what_is_shown(feed: Any, finder: Finder, doc: Doc) -> None:
    feed.save(
        doc(
            1,
            "Tenant union",
            "How to found a <b>tenant</b> union.",
            name="guides/union",
            tags=("Housing",),
            kind="guide",
            lang="en",
            updated=5,
        )
    )
    results = finder.search("tenant", PUBLIC)
    hit = results.hits[0]
    assert (hit.id, hit.name, hit.title) == (1, "guides/union", "Tenant union")
    assert (hit.tags, hit.kind, hit.lang, hit.updated) == (
        ("Housing",),
        "guide",
        "en",
        5,
    )
    assert hit.matched == ("title", "text")
    assert [f.text for f in hit.snippet if f.mark] == ["tenant"]
    assert "".join(f.text for f in hit.snippet) == "How to found a <b>tenant</b> union."
    assert (results.total, results.page, results.pages) == (1, 1, 1)
    assert results.facets == {
        "tag": (("Housing", 1),),
        "type": (("guide", 1),),
        "lang": (("en", 1),),
        "area": (("guides", 1),),
    }
    assert finder.search("housing tag:housing", PUBLIC).total == 0
    assert finder.search("tag:housing", PUBLIC).total == 1


def test_pages_of_twenty(
    feed: Any, finder: Finder, doc: Doc, build: Callable[[], None]
) -> None:
    feed.save(*(doc(n, f"Word {n}") for n in range(1, 46)))
    build()
    pages = [finder.search("word", None, page=n) for n in (1, 2, 3)]
    assert [len(page.hits) for page in pages] == [20, 20, 5]
    assert {id for page in pages for id in _ids(page)} == set(range(1, 46))
    assert all((page.total, page.pages) == (45, 3) for page in pages)
    beyond = finder.search("word", None, page=99)
    assert _ids(beyond) == _ids(pages[2])
    assert beyond.page == 3
    assert "no page 99" in _notes(beyond)
    assert finder.search("word", None, page=-5).page == 1


def test_only_so_many_results_are_listed(
    feed: Any, finder: Finder, doc: Doc, build: Callable[[], None]
) -> None:
    feed.save(*(doc(n, "Word") for n in range(1, 1101)))
    build()
    last = finder.search("word", None, page=60)
    assert (last.total, last.page, last.pages) == (1100, 50, 50)
    assert "Only the first 1000" in _notes(last)
    assert len(last.hits) == 20


def test_what_is_too_long_is_the_only_error(finder: Finder) -> None:
    with pytest.raises(BadRequest):
        finder.search("x" * 300, None)
    assert finder.search("???", None).total == 0
    assert finder.search("", None).notes == ()


# -- other words


def test_some_words_if_no_page_has_all(feed: Any, finder: Finder, doc: Doc) -> None:
    feed.save(doc(1, "Tenant"), doc(2, "Tenant lease"), doc(3, "Rent", "x"))
    results = finder.search("tenant lease rent -x", None)
    assert _ids(results) == [2, 1]
    assert "some of them" in _notes(results)
    assert finder.search("tenant zzzzzz", None).total == 2


def test_a_typing_error_is_corrected_if_that_finds_something(
    feed: Any, finder: Finder, doc: Doc, build: Callable[[], None]
) -> None:
    feed.save(
        doc(1, "Organizing tenants"),
        doc(2, "Secret landlords", audience="admins"),
    )
    build()
    results = finder.search("Tennants -lease", PUBLIC)
    assert _ids(results) == [1]
    assert results.did_you_mean == "tenants -lease"
    assert "Showing results for “tenants -lease”" in _notes(results)
    assert finder.search("landlodrs", PUBLIC).did_you_mean is None
    assert finder.search("landlodrs", None).did_you_mean == "landlords"
    assert finder.search("tenants", None).did_you_mean is None


def test_alternatives_are_searched_and_named(
    feed: Any, finder: Finder, doc: Doc
) -> None:
    feed.save(doc(1, "Tenant"), doc(2, "Renter"), doc(3, "Lease"))

    def expand(node: Node) -> Node:
        return Or((node, Word("renter", 0.5)))

    results = finder.search("tenant", None, expand=expand)
    assert _ids(results) == [1, 2]
    assert results.also == ("renter",)

    def broken(node: Node) -> Node:
        raise RuntimeError("a plugin")

    assert _ids(finder.search("tenant", None, expand=broken)) == [1]


def test_a_prefix_of_very_many_words_is_said(
    feed: Any, finder: Finder, doc: Doc, build: Callable[[], None]
) -> None:
    feed.save(doc(1, "Many", " ".join(f"pre{n}" for n in range(100))))
    build()
    assert "64 most frequent" in _notes(finder.search("pre*", None))
    assert "64 most frequent" not in _notes(finder.search("pre1*", None))


# -- at once


def test_a_save_is_found_by_the_next_search(
    feed: Any, finder: Finder, doc: Doc, build: Callable[[], None]
) -> None:
    feed.save(doc(1, "Tenant"))
    build()
    for n in range(2, 30):
        feed.save(doc(n, f"Tenant w{n}"))
        assert _ids(finder.search(f"w{n}", PUBLIC)) == [n]
        assert finder.search("tenant", PUBLIC).total == n
    feed.save(doc(1, "Changed"))
    assert finder.search("tenant", PUBLIC).total == 28
    feed.save(doc(2, "Tenant", audience="members"))
    assert finder.search("tenant", PUBLIC).total == 27
    feed.delete(3)
    assert finder.search("tenant", PUBLIC).total == 26
    assert finder.lag() == 31


def test_rights_are_checked_again_before_hits_are_shown(
    feed: Any,
    finder: Finder,
    doc: Doc,
    build: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    feed.save(doc(1, "Tenant"), doc(2, "Tenant"))
    build()
    told = {"page-1": "public", "page-2": "admins"}
    monkeypatch.setattr(feed, "audiences", lambda names: told)
    assert _ids(finder.search("tenant", PUBLIC)) == [1]
    assert "against its audience" in caplog.text


def test_an_import_is_said_and_does_not_hide_the_newest(
    feed: Any, finder: Finder, doc: Doc, build: Callable[[], None]
) -> None:
    feed.save(doc(1, "Tenant"))
    build()
    feed.save(*(doc(n, "Tenant") for n in range(2, 700)))
    feed.save(doc(800, "Tenant newest"))
    results = finder.search("tenant newest", PUBLIC)
    assert _ids(results) == [800]
    assert "new pages are still being indexed" in _notes(results)
    assert not results.current


# -- suggestions


def test_suggestions(
    feed: Any, finder: Finder, doc: Doc, build: Callable[[], None]
) -> None:
    feed.save(
        doc(1, "Union of tenants"),
        doc(2, "Tenant union"),
        doc(3, "Tenant secrets", audience="admins"),
        doc(4, "租户联盟"),
    )
    build()
    feed.save(doc(5, "Tender"))

    def ids(text: str, **more: int) -> list[int]:
        return [hit.id for hit in finder.suggest(text, PUBLIC, **more)]

    assert ids("ten") == [5, 2, 1]
    assert ids("Tenant un") == [2, 1]
    assert ids("ten", limit=1) == [5]
    assert ids("盟") == [4]
    assert ids("t") == []
    assert ids("") == ids("…") == []
    assert ids("tenannt") == [2, 1]
    assert ids("x" * 5000) == []
    assert finder.suggest("ten", PUBLIC)[0].title == "Tender"


# -- without a usable index


def test_titles_while_there_is_no_index(
    feed: Any, finder: Finder, doc: Doc, tmp_path: Path
) -> None:
    feed.save(*(doc(n, f"Tenant {n}") for n in range(1, 100)))
    feed.save(doc(500, "Secret tenant", audience="admins"))
    results = finder.search('"tenant 7" tag:x', PUBLIC)
    assert results.total == 11
    assert "Titles are searched meanwhile" in _notes(results)
    assert not results.current
    rebuilding.tell(tmp_path / "index", 43, 100)
    assert "Search is being rebuilt (43 %). Titles are searched meanwhile." in _notes(
        finder.search("tenant", PUBLIC)
    )
    assert [hit.id for hit in finder.suggest("tenant 99", PUBLIC)] == [99]
    assert 500 not in _ids(finder.search("secret", PUBLIC))


def test_a_few_pages_need_no_index(feed: Any, finder: Finder, doc: Doc) -> None:
    feed.save(doc(1, "Tenant", "text"))
    results = finder.search("text", PUBLIC)
    assert _ids(results) == [1]
    assert results.current


def test_a_broken_index_is_replaced(
    feed: Any,
    finder: Finder,
    follower: Follower,
    doc: Doc,
    tmp_path: Path,
    build: Callable[[], None],
    wait_until: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wiki.search.finder._RETRY_SECONDS", 0.0)
    feed.save(*(doc(n, f"Tenant {n}", "text") for n in range(1, 90)))
    build()
    assert finder.search("text", PUBLIC).total == 89
    finder.close()
    for file in (tmp_path / "index").rglob("*.seg"):
        file.write_bytes(b"noise" * 100)
    results = finder.search("tenant text", PUBLIC)
    assert "Titles are searched meanwhile" in _notes(results)
    assert finder.lag() == -1
    stop = threading.Event()
    thread = threading.Thread(target=follower.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: finder.search("text", PUBLIC).current)
        assert finder.search("text", PUBLIC).total == 89
    finally:
        stop.set()
        thread.join()


def test_faults_of_the_engine_are_never_errors_and_ask_for_a_rebuild(
    feed: Any, doc: Doc, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    message = "lease is in this message"

    class Faulty(type(make_engine("memory"))):  # type: ignore[misc]
        def snapshot(self) -> Any:
            raise RuntimeError(message)

    feed.save(doc(1, "Tenant"))
    finder = Finder(Faulty(), feed, tmp_path / "index")
    for _ in range(3):
        assert _ids(finder.search("tenant", PUBLIC)) == [1]
    assert finder.suggest("tenant", PUBLIC)[0].id == 1
    assert rebuilding.wanted(tmp_path / "index")
    assert "RuntimeError" in caplog.text
    assert "lease" not in caplog.text


def test_a_broken_store_is_no_error_of_search(tmp_path: Path) -> None:
    finder = Finder(make_engine("memory"), object(), tmp_path)  # type: ignore[arg-type]
    assert finder.search("tenant", PUBLIC).total == 0
    assert finder.suggest("tenant", PUBLIC) == []


def test_too_broad_a_search_is_stopped_with_a_sentence(
    feed: Any, finder: Finder, doc: Doc, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.save(doc(1, "Tenant"))

    def stop(*_: object) -> Results:
        raise budget.TooBroad

    monkeypatch.setattr(answer, "answer", stop)
    results = finder.search("tenant", PUBLIC)
    assert "too broad" in _notes(results)
    assert results.hits == ()


def test_the_time_of_a_search_is_limited() -> None:
    with pytest.raises(budget.TooBroad), budget.limited(-1.0):
        budget.check()
    with budget.limited(10.0):
        budget.check()
    budget.check()


def test_a_query_of_the_worst_kind_is_answered(
    feed: Any, finder: Finder, doc: Doc, build: Callable[[], None]
) -> None:
    feed.save(*(doc(n, "Word", "a b c d e f g h " * 300) for n in range(1, 60)))
    build()
    for text in (
        " OR ".join("abcdefgh" * 4),
        " ".join(f"-{c}" for c in "abcdefgh") + " word",
        '"a b c d e f g h a b c d" ' * 2,
        "NOT " * 60,
    ):
        assert finder.search(text, None).text == text


def test_a_filter_of_a_tree_is_kept_when_some_words_are_searched(
    feed: Any, finder: Finder, doc: Doc
) -> None:
    feed.save(doc(1, "Tenant", tags=("a",)), doc(2, "Lease", tags=("b",)))
    results = finder.search("tenant lease tag:b", None)
    assert _ids(results) == [2]


def test_an_engine_is_made_by_the_first_search(
    feed: Any, doc: Doc, tmp_path: Path
) -> None:
    made: list[int] = []

    def make() -> Any:
        made.append(1)
        return make_engine("whoosh")

    finder = Finder(make, feed, tmp_path / "index")
    finder.close()
    assert not made
    feed.save(doc(1, "Tenant"))
    for _ in range(2):
        assert _ids(finder.search("tenant", PUBLIC)) == [1]
    assert len(made) == 1
    finder.close()


def test_an_engine_without_files_keeps_up_by_itself(feed: Any, doc: Doc) -> None:
    finder = Finder(make_engine("memory"), feed, None)
    feed.save(*(doc(n, "Tenant") for n in range(1, 1500)))
    assert finder.search("tenant", PUBLIC).total == 1499
    feed.delete(7)
    assert finder.search("tenant", PUBLIC).total == 1498
    assert finder.lag() == 0
