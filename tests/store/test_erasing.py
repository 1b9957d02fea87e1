"""Erasing in every store: the same rules, with and without files."""

from __future__ import annotations

import io

import pytest

from wiki.errors import Expunged, Gone, NotErasable, NotFound
from wiki.model.page import NEW, Put
from wiki.model.redaction import MARK, Redaction
from wiki.model.rules import Rule
from wiki.store.base import Author
from wiki.store.memory import MemoryStore
from wiki.store.sql import SqlStore

from .conftest import plain

VALUE = "Xochitlq77"
BY = Author(1, "Admin")


@pytest.fixture(params=["memory", "sql", "sql without files"])
def store(request, tmp_path):
    if request.param == "memory":
        store = MemoryStore(plain.describe, plain.merge)
    else:
        files = request.param == "sql"
        var, pages = tmp_path / "var", tmp_path / "pages"
        store = SqlStore(var, pages, plain.describe, plain.merge, files=files)
    yield store
    store.close()


@pytest.fixture
def hand(store):
    return plain.Hand(store)


def erase(store, value=VALUE, **how):
    return store.erase_value(Redaction(value), BY, **how)


def test_texts_names_words_and_what_is_derived(hand, store):
    text = f"---\ntype: group\ntags: [{VALUE}]\ncity: {VALUE}\n---\n# Of {VALUE}\n"
    page = hand.new("A", text + f"[[{VALUE}]]\n", comment=f"by {VALUE}")
    page = hand.put(page, "---\ntype: group\n---\n# Clean\n", author=Author(2, VALUE))
    named = hand.new(VALUE, "# Named\n")
    hand.rename(hand.new(f"was {VALUE}", "x\n"), "now")
    gone = hand.new("gone", f"# {VALUE}\n")
    hand.delete(gone)
    seq = store.last_seq()
    found = store.find_value(Redaction(VALUE))
    assert found.pages == {page.id, named.id, gone.id, store.get("now").id}
    assert store.last_seq() == seq
    done = erase(store)
    assert (done.count, done.pages) == (found.count, found.pages)
    assert store.find_value(Redaction(VALUE)).count == 0
    assert VALUE not in repr(store.list(include_deleted=True))
    history = store.history(page.id)
    assert [it.n for it in history] == [2, 1]
    assert [it.author for it in history] == [MARK, "Ann"]
    assert [it.comment for it in history] == ["", f"by {MARK}"]
    texts = [store.revision_text(it.id) for it in history]
    assert texts[1] == text.replace(VALUE, MARK) + f"[[{MARK}]]\n"
    assert [it.size for it in history] == [len(it.encode()) for it in texts]
    assert history[0].delta == history[0].size - history[1].size
    assert store.get(MARK).id == named.id
    with pytest.raises(NotFound):
        store.get(VALUE)
    with pytest.raises(NotFound):
        store.get(f"was {VALUE}")
    with pytest.raises(Gone):
        store.get("gone")
    assert store.tags() == []
    changes = store.changes(seq)
    assert {it.kind for it in changes} == {"expunge"}
    assert {it.page for it in changes} == found.pages
    assert [it.seq for it in store.changes(0)] == list(range(1, store.last_seq() + 1))
    # Whoever read the page before can save on it.
    assert hand.put(page, "More.\n").n == 3


def test_what_is_derived_follows_the_new_text(hand, store):
    page = hand.new("A", f"---\ntype: group\ncity: {VALUE} City\n---\n# A\n")
    hand.new("B", f"[[{VALUE}]]\n")
    before = store.get(page.id).moved
    erase(store)
    rows, _ = store.records("group", {"city": f"{MARK} City"})
    assert [row.id for row in rows] == [page.id]
    assert store.records("group", {"city": f"{VALUE} City"})[0] == []
    assert [key for key, _ in store.wanted()] == [MARK]
    assert store.get(page.id).moved > before


def test_an_idempotency_key_that_holds_it_is_forgotten(hand, store):
    put = Put("A", "one\n", NEW)
    first = hand.commit(put, idempotency_key=f"of {VALUE}")
    assert hand.commit(put, idempotency_key=f"of {VALUE}") == first
    erase(store)
    assert store.get("A").text == "one\n"
    other = Put("B", "one\n", NEW)
    assert hand.commit(other, idempotency_key=f"of {VALUE}").pages != first.pages


def test_files_beside_pages(hand, store):
    hand.new("notes/A", "x\n")
    try:
        store.put_beside("notes/A", "list.txt", io.BytesIO(f"{VALUE}, B".encode()))
    except NotFound:
        return  # this store keeps no files
    store.put_beside("notes/A", f"{VALUE}.csv", io.BytesIO(b"x"))
    picture = b"\x89PNG\0\xff" + VALUE.encode()
    store.put_beside("notes/A", "map.png", io.BytesIO(picture))
    assert store.find_value(Redaction(VALUE)).files == ["notes/map.png"]
    assert erase(store).files == ["notes/map.png"]
    names = [it.name for it in store.beside("notes/A")]
    assert names == ["list.txt", "map.png", f"{MARK}.csv"]
    with store.open_beside("notes/A", "list.txt") as file:
        assert file.read() == f"{MARK}, B".encode()
    assert erase(store, files=True).files == []
    assert [it.name for it in store.beside("notes/A")] == ["list.txt", f"{MARK}.csv"]


def test_below_a_name_only(hand, store):
    hand.new("in/A", f"{VALUE}\n")
    hand.new("out/A", f"{VALUE}\n")
    assert erase(store, under="in/").count == 1
    assert store.get("in/A").text == f"{MARK}\n"
    assert store.get("out/A").text == f"{VALUE}\n"


@pytest.mark.parametrize(
    "value", ["strikers", "secret", "group:strikers", "audience: group"]
)
def test_readers_never_change(hand, store, value):
    hand.new("A", "---\naudience: group:strikers\n---\nx\n")
    store.set_rule("secret/", Rule("secret/", "admins"), BY)
    hand.new("secret/B", "x\n")
    before = store.last_seq(), store.list()
    with pytest.raises(NotErasable):
        erase(store, value)
    assert (store.last_seq(), store.list()) == before


def test_a_rename_that_would_open_a_page(hand, store):
    store.set_rule("people/", Rule("people/", "admins"), BY)
    hand.new("people/ana", "x\n")
    with pytest.raises(NotErasable):
        erase(store, "people/ana")
    assert store.get("people/ana").audience == "admins"
    erase(store, "ana")
    assert store.get(f"people/{MARK}").audience == "admins"


def test_a_text_at_its_limit_does_not_grow(hand, store):
    page = hand.new("A", "abc " * 65_536)
    erase(store, "abc")
    assert store.get(page.id).text == "▇ " * 65_536


def test_one_version(hand, store):
    page = hand.new("A", f"{VALUE}\n", comment="first")
    page = hand.put(page, "two\n")
    store.expunge("a", 1, BY)
    first = store.history(page.id)[-1]
    assert (first.n, first.hidden, first.comment, first.size) == (1, True, "", 0)
    with pytest.raises(Expunged):
        store.get("A", 1)
    with pytest.raises(Expunged):
        store.revision_text(first.id)
    with pytest.raises(NotErasable):
        store.expunge("A", 2, BY)
    for name, n in (("A", 3), ("B", 1)):
        with pytest.raises(NotFound):
            store.expunge(name, n, BY)
    # Both again: what is gone holds nothing up.
    erase(store)
    assert hand.put(page, "three\n").n == 3
