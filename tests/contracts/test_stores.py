"""One suite for all stores: what `wiki.store.base.Store` promises."""

from __future__ import annotations

import io
import random
import threading
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import pytest

from wiki.errors import (
    BadName,
    BadRequest,
    Conflict,
    Gone,
    NameTaken,
    NotFound,
    NotText,
    NotValid,
    TooLarge,
)
from wiki.model.page import (
    ANY,
    NEW,
    Delete,
    Facts,
    LinkTo,
    Page,
    Put,
    Redirect,
    Rename,
    Restore,
)
from wiki.store.base import ChangesOf
from wiki.store.memory import MemoryStore
from wiki.store.sql import SqlStore

plain = SimpleNamespace(
    **run_path(str(Path(__file__).parents[1] / "store" / "plain.py"))
)
ANN, BOB = plain.ANN, plain.BOB
PUBLIC = frozenset({"public"})
MEMBER = frozenset({"public", "members"})


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


def names_of(rows):
    return [row.name for row in rows]


# -- one page


def test_a_new_page_reads_back_whole(hand, store):
    text = "---\ntype: group\ntags: [Big Tent, zoning]\ncity: Lima\n---\n# Ours\nhi\n"
    result = hand.commit(Put("Groups/Ours", text, NEW), comment="first", ts=1234)
    page = store.get("groups/OURS")
    assert (page.id, page.rev) == (result.pages[0], result.revs[0])
    assert (page.name, page.key) == ("Groups/Ours", "groups/ours")
    assert page.text == text
    assert (page.n, page.head, page.ts) == (1, page.rev, 1234)
    assert (page.title, page.kind, page.tags) == (
        "Ours",
        "group",
        ("Big Tent", "zoning"),
    )
    assert page.meta == {
        "type": "group",
        "tags": ["Big Tent", "zoning"],
        "city": "Lima",
    }
    assert (page.author, page.author_id, page.comment) == ("Ann", 1, "first")
    assert page.moved == result.seqs[-1]
    assert page.is_head
    assert store.get(page.id) == page
    assert store.head("Groups/Ours") == (page.id, page.rev, 1234)
    assert store.heads([page.id, 99]) == {page.id: (page.rev, 1234)}


def test_only_line_ends_are_changed(hand, store):
    page = hand.new("A", "\ufeff x\r\ny \t\n\n\n")
    assert store.get("A").text == "\ufeff x\ny \t\n\n\n"
    assert page.text == store.revision_text(page.rev)


def test_older_revisions_are_read_by_number(hand, store):
    page = hand.new("A", "one")
    hand.put(page, "two")
    old = store.get("A", 1)
    assert (old.text, old.n, old.rev, old.is_head) == ("one", 1, page.rev, False)
    assert store.get(page.id, 2).text == "two"
    with pytest.raises(NotFound):
        store.get("A", 3)


@pytest.mark.parametrize("ref", ["Nowhere", 77])
def test_what_is_not_there_is_not_found(store, ref):
    with pytest.raises(NotFound):
        store.get(ref)
    assert store.head(ref) is None


def test_an_impossible_name_is_refused_by_reading_and_writing(hand, store):
    with pytest.raises(BadName):
        store.get("a//b")
    with pytest.raises(BadName):
        hand.new("../x")


def test_unusable_texts_are_refused(hand, store):
    with pytest.raises(TooLarge) as refused:
        hand.new("A", "x" * (256 * 1024 + 1))
    assert refused.value.params == {"size": 257, "limit": 256}
    for text in ("a\0b", "a\ud800b"):
        with pytest.raises(NotText):
            hand.new("A", text)
    hand.new("A", "x" * 256 * 1024)
    assert store.counts()["pages"] == 1


def test_revision_text_knows_what_is_missing(store):
    with pytest.raises(NotFound):
        store.revision_text(5)


# -- compare and swap


def test_a_stale_base_is_a_conflict_with_all_three_texts(hand, store):
    page = hand.new("A", "base")
    hand.put(page, "theirs", author=BOB)
    with pytest.raises(Conflict) as found:
        hand.commit(Put(page.id, "yours", page.rev))
    conflict = found.value
    assert (conflict.page_id, conflict.base) == (page.id, page.rev)
    assert conflict.head == store.get("A").rev
    texts = (conflict.base_text, conflict.theirs, conflict.yours)
    assert texts == ("base", "theirs", "yours")
    assert store.get("A").text == "theirs"


def test_a_base_of_another_page_is_a_conflict_without_its_text(hand):
    page, other = hand.new("A", "a"), hand.new("B", "secret")
    with pytest.raises(Conflict) as found:
        hand.commit(Put(page.id, "yours", other.rev))
    assert found.value.base_text == ""


@pytest.mark.parametrize(
    "op",
    [
        lambda page: Rename(page.id, "B", page.rev),
        lambda page: Delete(page.id, page.rev),
        lambda page: Restore(page.id, page.rev, page.rev),
    ],
)
def test_every_operation_compares_its_base(hand, op):
    page = hand.new("A", "one")
    hand.put(page, "two")
    with pytest.raises(Conflict):
        hand.commit(op(page))


def test_unchanged_text_makes_no_revision(hand, store):
    page = hand.new("A", "text\n")
    seq = store.last_seq()
    result = hand.commit(Put(page.id, "text\r\n", page.rev))
    assert result.unchanged
    assert (result.revs, result.pages, result.seqs) == ((page.rev,), (page.id,), ())
    assert store.last_seq() == seq
    assert len(store.history(page.id)) == 1


def test_any_base_is_for_imports_only(hand, store):
    page = hand.new("A", "one")
    with pytest.raises(BadRequest):
        hand.commit(Put(page.id, "two", ANY))
    hand.commit(Put("A", "two", ANY), Put("B", "new", ANY), origin="import")
    assert store.get("A").text == "two"
    assert store.get("B").text == "new"


def test_a_commit_takes_so_many_operations_and_no_more(hand):
    ops = [Put(f"P{i}", "x", NEW) for i in range(5001)]
    with pytest.raises(BadRequest):
        hand.commit(*ops)


# -- all or nothing


def test_a_commit_of_many_is_all_or_nothing(hand, store):
    page = hand.new("A", "one")
    before = (store.last_seq(), store.counts(), store.get("A"))
    with pytest.raises(Conflict):
        hand.commit(
            Put("New", "x", NEW),
            Rename(page.id, "B", page.rev),
            Put(page.id, "two", page.rev),
            Delete(page.id, 999),
        )
    assert (store.last_seq(), store.counts(), store.get("A")) == before
    with pytest.raises(NotFound):
        store.get("New")
    assert store.list()[0] == [row for row in store.list()[0] if row.name == "A"]


def test_one_commit_may_touch_one_page_twice(hand, store):
    page = hand.new("A", "one")
    result = hand.commit(
        Put(page.id, "two", page.rev), Rename(page.id, "B", page.rev), comment="both"
    )
    assert len(result.seqs) == 2
    assert result.revs[1] == 0
    assert store.get("B").text == "two"
    assert {change.comment for change in store.changes(0)} == {"", "both"}


def test_a_request_sent_again_gets_the_same_answer(hand, store):
    page = hand.new("A", "one")
    put = Put(page.id, "two", page.rev)
    first = hand.commit(put, idempotency_key="k1")
    again = hand.commit(put, idempotency_key="k1")
    assert again == first
    assert len(store.history(page.id)) == 2
    # The key of one person says nothing about the requests of another.
    with pytest.raises(Conflict):
        hand.commit(put, idempotency_key="k1", author=BOB)


@pytest.mark.parametrize(
    "other",
    [
        lambda page: Put(page.id, "three", page.rev),
        lambda page: Put("B", "two", NEW),
        lambda page: Rename(page.id, "two", page.rev),
        lambda page: Delete(page.id, page.rev),
        lambda page: Restore(page.id, page.rev, page.rev),
    ],
)
def test_a_key_holds_for_one_request_only(hand, store, other):
    page = hand.new("A", "one")
    hand.commit(Put(page.id, "two", page.rev), idempotency_key="k1")
    before = store.last_seq()
    with pytest.raises(NotValid) as refused:
        hand.commit(other(store.get("A")), idempotency_key="k1")
    assert str(refused.value) == "This Idempotency-Key was used for another request."
    assert store.last_seq() == before


def test_a_new_page_sent_again_is_the_same_page(hand, store):
    first = hand.commit(Put("A", "one\r\n", NEW), idempotency_key="k1")
    assert hand.commit(Put("a", "one\n", NEW), idempotency_key="k1") == first
    # Sent again, a caller sees the page it made, and its newest version.
    again = Put(first.pages[0], "one\n", first.revs[0])
    assert hand.commit(again, idempotency_key="k1") == first
    assert len(store.history(first.pages[0])) == 1


# -- names


def test_names_are_one_whatever_the_spelling(hand):
    page = hand.new("Straße", "x")
    with pytest.raises(NameTaken) as taken:
        hand.new("STRASSE", "y")
    assert (taken.value.page_id, taken.value.kind) == (page.id, "page")
    assert taken.value.params["name"] == "Straße"


def test_a_rename_keeps_the_page_and_leaves_a_redirect(hand, store):
    page = hand.new("Old name", "text")
    result = hand.rename(page, "New/Name")
    assert (result.pages, result.revs) == ((page.id,), (0,))
    found = store.get("old name")
    assert found == Redirect(page.id, "New/Name", "public")
    now = store.get("new/name")
    assert (now.id, now.rev, now.text) == (page.id, page.rev, "text")
    change = store.changes(result.seqs[0] - 1)[0]
    assert (change.kind, change.rev) == ("rename", None)
    assert change.detail == {"from": "Old name", "to": "New/Name"}


def test_a_rename_without_redirect_frees_the_name(hand, store):
    page = hand.new("Old", "text")
    hand.rename(page, "New", leave_redirect=False)
    with pytest.raises(NotFound):
        store.get("Old")
    assert hand.new("Old", "other").id != page.id


def test_a_rename_back_takes_the_own_redirect(hand, store):
    page = hand.new("A", "text")
    hand.rename(page, "B")
    hand.rename(page, "A")
    assert store.get("A").id == page.id
    assert isinstance(store.get("B"), Redirect)


def test_case_only_rename(hand, store):
    page = hand.new("big tent", "text")
    hand.rename(page, "Big Tent")
    found = store.get("BIG TENT")
    assert (found.id, found.name) == (page.id, "Big Tent")
    assert store.list()[1] is None
    assert names_of(store.list()[0]) == ["Big Tent"]


def test_a_rename_to_the_same_name_is_nothing(hand, store):
    page = hand.new("A", "text")
    assert hand.rename(page, "A").unchanged
    assert store.get("A").id == page.id


@pytest.mark.parametrize("kind", ["page", "redirect", "gone"])
def test_a_rename_never_takes_a_name_that_is_held(hand, kind):
    page, other = hand.new("A", "a"), hand.new("B", "b")
    if kind == "redirect":
        hand.rename(other, "C")
    elif kind == "gone":
        hand.delete(other)
    with pytest.raises(NameTaken) as taken:
        hand.rename(page, "b")
    assert (taken.value.kind, taken.value.page_id) == (kind, other.id)


def test_swaps_and_cycles_in_one_commit(hand, store):
    pages = [hand.new(name, name.lower() * 3) for name in "ABC"]
    hand.commit(
        *(
            Rename(page.id, name, page.rev)
            for page, name in zip(pages, "BCA", strict=True)
        )
    )
    for page, name in zip(pages, "BCA", strict=True):
        assert store.get(name).id == page.id
        assert store.get(name).text == page.text
    hand.commit(*(Rename(it.id, it.name, it.rev) for it in pages))
    assert names_of(store.list()[0]) == ["A", "B", "C"]
    assert [store.get(name).id for name in "ABC"] == [it.id for it in pages]


def test_a_chain_of_renames_in_one_commit(hand, store):
    a, b = hand.new("A", "a"), hand.new("B", "b")
    hand.commit(Rename(a.id, "B", a.rev), Rename(b.id, "C", b.rev), Put("A", "n", NEW))
    assert [store.get(name).text for name in "ABC"] == ["n", "a", "b"]


def test_a_new_page_takes_over_a_redirect_and_says_so(hand, store):
    page = hand.new("Old", "text")
    hand.rename(page, "New")
    result = hand.commit(Put("old", "fresh", NEW))
    assert result.notices
    assert result.pages[0] != page.id
    assert store.get("Old").text == "fresh"


def test_redirects_lead_to_the_page_however_often_it_moves(hand, store):
    page = hand.new("A", "text")
    for name in ("B", "C", "D"):
        hand.rename(page, name)
    assert [store.get(name).name for name in "ABC"] == ["D", "D", "D"]
    hand.delete(page)
    with pytest.raises(Gone):
        store.get("A")


# -- delete, start again, restore


def test_a_deleted_page_is_gone_with_who_and_when(hand, store):
    page = hand.new("A", "text")
    hand.commit(Delete(page.id, page.rev), author=BOB, ts=77)
    for ref in ("A", page.id):
        with pytest.raises(Gone) as gone:
            store.get(ref)
        assert (gone.value.page_id, gone.value.name) == (page.id, "A")
        assert (gone.value.head, gone.value.when, gone.value.who) == (
            page.rev,
            77,
            "Bob",
        )
    assert store.head("A") is None
    assert store.list()[0] == []
    deleted = store.list(include_deleted=True)[0]
    assert [row.deleted for row in deleted] == [True]


@pytest.mark.parametrize("kind", ["put", "delete", "rename"])
def test_a_deleted_page_cannot_be_changed(hand, kind):
    page = hand.new("A", "text")
    hand.delete(page)
    op = {
        "put": Put(page.id, "x", page.rev),
        "delete": Delete(page.id, page.rev),
        "rename": Rename(page.id, "B", page.rev),
    }[kind]
    with pytest.raises(Gone) as gone:
        hand.commit(op)
    assert gone.value.who == "Ann"


def test_a_new_page_on_a_gone_name_starts_again(hand, store):
    page = hand.new("Some page", "one")
    hand.delete(page)
    again = hand.new("some Page", "one")
    assert (again.id, again.n, again.name) == (page.id, 2, "some Page")
    assert [it.n for it in store.history(page.id)] == [2, 1]


def test_restore_brings_a_deleted_page_back(hand, store):
    page = hand.new("A", "one [[B]]\n")
    hand.delete(page)
    result = hand.restore(page, page.rev, page.rev)
    back = store.get("A")
    assert (back.id, back.text, back.n) == (page.id, page.text, 2)
    assert result.revs == (back.rev,)
    assert store.wanted() == [("b", 1)]


def test_restore_makes_a_new_revision_of_an_old_text(hand, store):
    page = hand.new("A", "one")
    two = hand.put(page, "two")
    hand.restore(page, page.rev, two.rev)
    assert store.get("A").text == "one"
    assert [it.n for it in store.history(page.id)] == [3, 2, 1]
    assert store.recent()[0].kind == "restore"
    assert hand.restore(page, page.rev, store.get("A").rev).unchanged


def test_restore_of_another_pages_revision_is_not_found(hand):
    page, other = hand.new("A", "a"), hand.new("B", "b")
    for rev in (other.rev, 999):
        with pytest.raises(NotFound):
            hand.restore(page, rev, page.rev)


# -- lists


def test_lists_page_by_key(hand, store):
    every = [f"Page {i:03}" for i in range(25)]
    hand.commit(*(Put(name, "x", NEW) for name in random.Random(1).sample(every, 25)))
    found, after = [], ""
    while after is not None:
        rows, after = store.list(after_key=after, limit=7)
        found += names_of(rows)
    assert found == every


def test_list_filters(hand, store):
    hand.new("a/One", "---\ntags: [Food, Kids]\ntype: group\n---\n")
    hand.new("a/Two", "---\ntags: [food]\n---\n")
    hand.new("ab", "x")
    assert names_of(store.list(prefix="A/")[0]) == ["a/One", "a/Two"]
    assert names_of(store.list(tag="FOOD")[0]) == ["a/One", "a/Two"]
    assert names_of(store.list(tag="kids")[0]) == ["a/One"]
    assert names_of(store.list(tag="food", prefix="a/t")[0]) == ["a/Two"]
    assert names_of(store.list(kind="group")[0]) == ["a/One"]
    assert store.tags() == [("Food", 2), ("Kids", 1)]
    row = store.list(prefix="a/o")[0][0]
    assert (row.tags, row.kind, row.author, row.n) == (
        ("Food", "Kids"),
        "group",
        "Ann",
        1,
    )


@pytest.mark.parametrize("limit", [0, 501])
def test_no_list_returns_everything(store, limit):
    calls = [
        lambda: store.list(limit=limit),
        lambda: store.history(1, limit=limit),
        lambda: store.recent(limit=limit),
        lambda: store.backlinks(1, limit=limit),
        lambda: store.records("group", limit=limit),
        lambda: store.changes(0, limit),
        lambda: store.wanted(limit),
        lambda: store.orphans(limit),
        lambda: store.tags(limit=limit),
        lambda: store.ids(0, limit),
        lambda: store.find_titles("x", limit),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="limit"):
            call()


def test_history_pages_from_new_to_old(hand, store):
    page = hand.new("A", "v1")
    for i in range(2, 8):
        hand.put(page, f"v{i}" * i, comment=f"no {i}")
    first = store.history(page.id, limit=3)
    assert [it.n for it in first] == [7, 6, 5]
    assert first[0].comment == "no 7"
    assert (first[0].size, first[0].delta) == (14, 2)
    assert [it.n for it in store.history(page.id, before=5)] == [4, 3, 2, 1]


def test_recent_changes_newest_first(hand, store):
    a, _ = hand.new("x/A", "a"), hand.new("B", "b", author=BOB)
    hand.rename(a, "x/C")
    hand.delete(a)
    assert [it.kind for it in store.recent()] == ["delete", "rename", "put", "put"]
    first = store.recent(limit=1)[0]
    assert [it.kind for it in store.recent(before_seq=first.seq, limit=2)] == [
        "rename",
        "put",
    ]
    assert [it.name for it in store.recent(author="Bob")] == ["B"]
    assert {it.name for it in store.recent(prefix="x/")} == {"x/C"}
    put = store.recent(author="Bob")[0]
    assert (put.delta, put.detail["created"], put.detail["n"]) == (1, True, 1)


def test_backlinks_wanted_and_orphans(hand, store):
    target = hand.new("Target", "x")
    for name in ("L1", "L2", "L3"):
        hand.new(name, "[[Target]] [[Missing]] [[L1]]")
    hand.new("Via old", "[[First]] [[Missing]]")
    assert names_of(store.backlinks(target.id)) == ["L1", "L2", "L3"]
    assert names_of(store.backlinks(target.id, after_key="l1", limit=1)) == ["L2"]
    assert store.wanted() == [("missing", 4), ("first", 1)]
    assert names_of(store.orphans()) == ["L2", "L3", "Via old"]
    hand.rename(target, "First")
    assert names_of(store.backlinks(target.id)) == ["L1", "L2", "L3", "Via old"]
    hand.delete(store.get("L1"))
    assert names_of(store.backlinks(target.id)) == ["L2", "L3", "Via old"]
    assert store.wanted() == [("missing", 3), ("l1", 2)]


def test_exists_follows_redirects_in_one_go(hand, store):
    a, b = hand.new("A", "a"), hand.new("B", "b")
    hand.rename(a, "A2")
    hand.delete(b)
    found = store.exists(["a", "a2", "b", "nothing"])
    assert {key: row.name for key, row in found.items()} == {"a": "A2", "a2": "A2"}


def test_ids_and_titles(hand, store):
    pages = [hand.new(f"n{i}", f"# Straße {i}\n") for i in range(5)]
    hand.delete(pages[1])
    assert store.ids(0, 500) == [pages[i].id for i in (0, 2, 3, 4)]
    assert store.ids(pages[2].id, 1) == [pages[3].id]
    assert names_of(store.find_titles("STRASSE 3")) == ["n3"]
    assert names_of(store.find_titles("N4")) == ["n4"]
    assert store.find_titles("%") == []
    assert len(store.find_titles("strasse", 2)) == 2


# -- records, stamps, moved


def group(city, *needs, audience="public"):
    return (
        f"---\ntype: group\ncity: {city}\nneeds: [{', '.join(needs)}]\n"
        f"audience: {audience}\n---\n"
    )


def test_records_by_fields(hand, store):
    hand.new("G1", group("Lima", "food", "rides"))
    hand.new("G2", group("Lima", "food", audience="members"))
    hand.new("G3", group("Oslo", "food", "x" * 201))
    hand.new("Other", "---\ncity: Lima\n---\n")
    assert names_of(store.records("group")[0]) == ["G1", "G2", "G3"]
    assert names_of(store.records("group", {"city": "Lima"})[0]) == ["G1", "G2"]
    both = store.records("group", {"city": "Lima", "needs": "rides"})
    assert names_of(both[0]) == ["G1"]
    assert store.records("group", {"needs": "x" * 201})[0] == []
    seen = store.records("group", {"city": "Lima"}, sees=PUBLIC)
    assert names_of(seen[0]) == ["G1"]
    _, after = store.records("group", limit=2)
    assert names_of(store.records("group", after_key=after)[0]) == ["G3"]
    hand.put(store.get("G1"), "no type any more")
    assert names_of(store.records("group", {"city": "Lima"})[0]) == ["G2"]


def test_stamps_name_the_last_change_of_a_topic(hand, store):
    page = hand.new("G", group("Lima"))
    first = store.stamps()
    assert first == {"records:group": 1, "pages": 1}
    hand.put(page, group("Oslo"))
    assert store.stamps() == {"records:group": 2, "pages": 1}
    hand.put(page, group("Oslo", audience="members"))
    assert store.stamps() == {"records:group": 3, "pages": 3}
    hand.put(page, "---\ntype: event\naudience: members\n---\n")
    assert store.stamps() == {"records:group": 4, "records:event": 4, "pages": 3}
    hand.new("Plain", "x")
    assert store.stamps()["pages"] == 5
    hand.delete(page)
    assert store.stamps()["records:event"] == 6


def test_moved_follows_what_a_page_links_to(hand, store):
    reader = hand.new("Reader", "[[Target]] [[Other]]")
    calm = hand.new("Calm", "[[Elsewhere]]")

    def moved():
        assert store.get("Calm").moved == calm.moved
        return store.get("Reader").moved

    seen = [moved()]

    def step(action):
        result = action()
        now = moved()
        assert now == store.last_seq(), "not told"
        seen.append(now)
        return result

    target = step(lambda: hand.new("Target", "# One\n"))
    hand.put(target, "# One\nmore\n")
    assert moved() == seen[-1], "text alone does not matter to who links"
    step(lambda: hand.put(target, "# Two\n"))
    step(lambda: hand.put(target, "---\naudience: members\n---\n# Two\n"))
    step(lambda: hand.rename(target, "Moved on"))
    step(lambda: hand.rename(target, "Other"))
    step(lambda: hand.delete(target))
    step(lambda: hand.restore(target, target.rev, hand_head(store, target)))
    assert reader.moved < seen[-1]


def hand_head(store, page):
    with pytest.raises(Gone) as gone:
        store.get(page.id)
    return gone.value.head


def test_moved_is_set_on_the_page_itself(hand, store):
    page = hand.new("A", "one")
    assert page.moved == 1
    assert hand.put(page, "two").moved == 2


def test_half_characters_from_front_matter_can_be_stored(tmp_path):
    half = "half \ud800 of one"

    def describe(name, text):
        links = (LinkTo(half),)
        meta = {"type": half, "more": [half, {half: half}]}
        return Facts(half, half, half, "public", (half,), links, meta)

    for store in (
        MemoryStore(describe, plain.merge),
        SqlStore(tmp_path / "v", tmp_path / "p", describe, plain.merge),
    ):
        store.commit([Put("A", "x", NEW)], ANN, comment=half, idempotency_key=half)
        page = store.get("A")
        assert page.title == page.tags[0] == page.kind == "half ? of one"
        assert page.comment == page.meta["type"] == "half ? of one"
        assert names_of(store.records(page.kind, {"more": page.title})[0]) == ["A"]
        store.close()


# -- audiences


@pytest.fixture
def mixed(hand):
    secret = (
        "---\naudience: members\ntags: [hidden, shared]\n---\n# Hush\n[[Open]] [[X]]"
    )
    return SimpleNamespace(
        open=hand.new("Open", "---\ntags: [shared]\n---\n[[Secret]] [[X]]\n"),
        secret=hand.new("Secret", secret),
    )


def test_what_may_not_be_seen_is_not_there(hand, store, mixed):
    assert isinstance(store.get("Secret", sees=MEMBER), Page)
    for ref in ("Secret", mixed.secret.id):
        with pytest.raises(NotFound) as hidden:
            store.get(ref, sees=PUBLIC)
        assert not isinstance(hidden.value, Gone)
    assert list(store.exists(["open", "secret"], sees=PUBLIC)) == ["open"]
    assert names_of(store.list(sees=PUBLIC)[0]) == ["Open"]
    assert names_of(store.list(tag="hidden", sees=PUBLIC)[0]) == []
    assert [it.name for it in store.recent(sees=PUBLIC)] == ["Open"]
    assert store.backlinks(mixed.open.id, sees=PUBLIC) == []
    assert names_of(store.backlinks(mixed.open.id, sees=MEMBER)) == ["Secret"]
    assert store.tags(sees=PUBLIC) == [("shared", 1)]
    assert store.tags(sees=MEMBER) == [("shared", 2), ("hidden", 1)]
    assert store.wanted(sees=PUBLIC) == [("secret", 1), ("x", 1)]
    assert store.wanted(sees=MEMBER) == [("x", 2)]
    assert names_of(store.orphans(sees=PUBLIC)) == ["Open"]
    assert store.orphans(sees=MEMBER) == []
    assert store.find_titles("hush", sees=PUBLIC) == []


def test_a_redirect_to_a_hidden_page_is_not_there(hand, store, mixed):
    hand.rename(mixed.secret, "Secret two")
    assert isinstance(store.get("Secret", sees=MEMBER), Redirect)
    with pytest.raises(NotFound):
        store.get("Secret", sees=PUBLIC)


def test_a_hidden_page_that_was_deleted_is_not_there_either(hand, store, mixed):
    hand.delete(mixed.secret)
    with pytest.raises(NotFound) as hidden:
        store.get("Secret", sees=PUBLIC)
    assert not isinstance(hidden.value, Gone)


def test_a_full_page_of_what_may_be_seen(hand, store):
    hand.commit(
        *(
            Put(f"P{i:02}", "x" if i % 5 == 0 else "---\naudience: admins\n---\n", NEW)
            for i in range(50)
        )
    )
    rows, after = store.list(limit=4, sees=PUBLIC)
    assert names_of(rows) == ["P00", "P05", "P10", "P15"]
    assert after is not None
    assert len(store.recent(limit=8, sees=PUBLIC)) == 8


# -- the feed


def test_the_feed_is_complete_and_gapless_with_many_writers(hand, store):
    writers, each = 4, 25
    stop = threading.Event()
    seen: list[int] = []

    def follow():
        while not stop.is_set() or store.last_seq() > len(seen):
            after = seen[-1] if seen else 0
            if store.wait(after, 0.05):
                seen.extend(change.seq for change in store.changes(after))

    def write(number):
        for i in range(each):
            hand.new(f"w{number}/{i}", f"{i}")

    follower = threading.Thread(target=follow)
    threads = [threading.Thread(target=write, args=(i,)) for i in range(writers)]
    for thread in [follower, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    follower.join()
    assert seen == list(range(1, writers * each + 1))
    pages = {change.page for change in store.changes(0)}
    assert len(pages) == writers * each


def test_savers_of_one_page_lose_nothing(hand, store):
    page = hand.new("A", "0")
    won, lost = [], []

    def save(number):
        try:
            hand.commit(Put(page.id, f"text {number}", page.rev))
            won.append(number)
        except Conflict as conflict:
            lost.append(conflict.theirs)

    threads = [threading.Thread(target=save, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert lost == [f"text {won[0]}"] * 7
    assert store.get("A").text == f"text {won[0]}"


def test_changes_carry_their_commit_and_their_page(hand, store):
    page = hand.new("A", "# First\n", comment="made", ts=5)
    change = store.changes(0)[0]
    assert (change.seq, change.kind, change.page, change.rev) == (
        1,
        "put",
        page.id,
        page.rev,
    )
    assert (change.author, change.author_id, change.comment) == ("Ann", 1, "made")
    assert (change.origin, change.ts, change.name, change.title) == (
        "web",
        5,
        "A",
        "First",
    )
    assert store.changes(1) == []


def test_an_audience_that_changes_is_told(hand, store):
    page = hand.new("A", "x")
    hand.put(page, "---\naudience: members\n---\n")
    assert store.changes(1)[0].detail["audience"] == ["public", "members"]


def test_the_mark_differs_after_every_commit(hand, store):
    marks = [store.change_mark()]
    for i in range(5):
        hand.new(f"P{i}", "x")
        marks.append(store.change_mark())
    assert store.change_mark() == marks[-1]
    assert len(set(marks)) == len(marks)


def test_wait_times_out(store):
    assert store.wait(0, 0.01) is False


def test_checkpoints_compare_and_swap(store):
    assert store.checkpoint("index") == 0
    store.advance("index", 0, 5)
    assert store.checkpoint("index") == 5
    with pytest.raises(Conflict):
        store.advance("index", 0, 6)
    assert store.checkpoint("index") == 5


def test_order_is_by_seq_and_not_by_the_clock(hand, store):
    page = hand.new("A", "v1", ts=10**12)
    for ts in (10**12 + 400 * 86_400_000, 10**12 - 800 * 86_400_000, 10**12):
        hand.put(page, f"at {ts}", ts=ts)
    assert [it.n for it in store.history(page.id)] == [4, 3, 2, 1]
    assert [it.seq for it in store.recent()] == [4, 3, 2, 1]


# -- files beside pages


def test_files_beside_pages(request, store, hand):
    if "without files" in request.node.name:
        with pytest.raises(NotFound):
            store.open_beside("a/Page", "x.png")
        return
    hand.new("a/Page", "x")
    store.put_beside("a/Page", "Foto ñ.png", io.BytesIO(b"bytes"))
    store.put_beside("a/Page", "Foto ñ.png", io.BytesIO(b"newer bytes"))
    with store.open_beside("a/Other", "Foto ñ.png") as file:
        assert file.read() == b"newer bytes"
    found = store.beside("a/Page")
    assert [(it.page, it.name, it.size) for it in found] == [
        ("a/Page", "Foto ñ.png", 11)
    ]
    assert store.beside("b/Page") == []
    with pytest.raises(NotFound):
        store.open_beside("Page", "Foto ñ.png")


@pytest.mark.parametrize(
    "name", ["../x.png", "/../../etc/passwd", "a\0b", ".htaccess", "page.md", "", "x~"]
)
def test_names_of_files_beside_pages_are_checked(request, store, name):
    if "without files" in request.node.name:
        return
    with pytest.raises(BadName):
        store.put_beside("Page", name, io.BytesIO(b""))
    with pytest.raises(BadName):
        store.open_beside("Page", name)


def test_a_file_beside_a_page_has_a_limit(request, store):
    if "without files" in request.node.name:
        return
    with pytest.raises(TooLarge):
        store.put_beside("Page", "x.pdf", io.BytesIO(b"x" * (20 * 1024 * 1024 + 1)))
    assert store.beside("Page") == []


@pytest.mark.parametrize("name", ["id_rsa", "credentials.json", "x.kdbx", "x.html"])
def test_only_pictures_and_documents_lie_beside_pages(request, store, name):
    if "without files" in request.node.name:
        return
    with pytest.raises(BadName):
        store.put_beside("Page", name, io.BytesIO(b"x"))
    with pytest.raises(NotFound):
        store.open_beside("Page", name)


# -- random operations, compared


def test_both_stores_do_the_same_with_random_operations(tmp_path):
    chance = random.Random(7)
    stores = [
        MemoryStore(plain.describe, plain.merge),
        SqlStore(tmp_path / "v", tmp_path / "p", plain.describe, plain.merge),
    ]
    for step in range(300):
        op = random_op(chance, stores[0])
        answers = [outcome(store, op, step) for store in stores]
        assert answers[0] == answers[1], (step, op)
    assert view(stores[0]) == view(stores[1])
    for store in stores:
        store.close()


def outcome(store, op, step):
    try:
        return store.commit([op], ANN, ts=step)
    except (Conflict, NameTaken, NotFound) as error:
        return type(error).__name__, vars(error)


def random_op(chance, store):
    name = chance.choice(["a", "A/b", "A/c", "B", "d e", "F"])
    text = (
        f"# {chance.randrange(3)}\n[[{chance.choice('aBF')}]] {chance.randrange(9)}\n"
    )
    ids = store.list(include_deleted=True)[0]
    if not ids or chance.random() < 0.3:
        return Put(name, text, NEW)
    page = chance.choice(ids)
    base = page.rev if chance.random() < 0.9 else page.rev - 1
    match chance.randrange(4):
        case 0:
            return Put(page.id, text, base)
        case 1:
            return Rename(page.id, name, base, chance.random() < 0.5)
        case 2:
            return Delete(page.id, base)
        case _:
            return Restore(page.id, page.rev - chance.randrange(2), base)


def view(store):
    pages = store.list(include_deleted=True)[0]
    return (
        pages,
        store.changes(0),
        [store.history(page.id) for page in pages],
        [store.backlinks(page.id) for page in pages],
        store.wanted(),
        store.orphans(),
        store.stamps(),
        store.counts()["revisions"],
        [store.get(page.id).moved for page in pages if not page.deleted],
    )


def test_pages_are_counted_by_who_reads_them(hand, store):
    for name, audience in (("A", "members"), ("B", "members"), ("C", "group:x")):
        hand.new(name, f"---\naudience: {audience}\n---\n")
    hand.delete(hand.new("D", "---\naudience: admins\n---\n"))
    assert store.audience_counts() == [("members", 2), ("group:x", 1)]


# -- authors


def authors_of(store, page):
    return [(row.author, row.author_id) for row in store.history(page.id)]


def test_an_author_is_forgotten_everywhere(hand, store):
    hers, his = hand.new("Hers", "one", author=ANN), hand.new("His", "one", author=BOB)
    hand.put(his, "two", author=ANN)
    hand.put(hers, "two", author=BOB)
    hand.put(hers, "three", author=ANN)
    seen = store.last_seq()
    assert store.forget_author(ANN.id) == 2
    gone = ("(former member)", None)
    assert authors_of(store, hers) == [gone, (BOB.name, BOB.id), gone]
    assert authors_of(store, his) == [gone, (BOB.name, BOB.id)]
    assert {row.author for row in store.list()[0]} == {"(former member)"}
    assert store.get("Hers").author == "(former member)"
    assert store.recent(author=ANN.name) == []
    everything = store.changes(0)
    assert ANN.name not in {row.author for row in everything}
    assert ANN.id not in {row.author_id for row in everything}
    # The feed names the pages whose author, as they are found by, is another one now.
    told = [(row.kind, row.page) for row in store.changes(seen)]
    assert told == [("author", None), ("author", hers.id), ("author", his.id)]
    assert store.recent(before_seq=None)[0].kind == "put"
    assert store.get("Hers").moved == store.last_seq()
    assert store.get("Hers").text == "three"


def test_an_author_can_have_another_name(hand, store):
    page = hand.new("A", "one", author=ANN)
    assert store.forget_author(ANN.id, "Anna", keep_id=True) == 1
    assert authors_of(store, page) == [("Anna", ANN.id)]
    assert hand.put(page, "two", author=BOB).author == BOB.name


def test_who_wrote_nothing_changes_nothing(hand, store):
    hand.new("A", "one", author=BOB)
    seen = store.last_seq()
    assert store.forget_author(77) == 0
    assert store.last_seq() == seen


def test_a_deleted_page_forgets_its_author_too(hand, store):
    page = hand.new("A", "one", author=ANN)
    hand.commit(Delete(page.id, page.rev), author=ANN)
    store.forget_author(ANN.id)
    with pytest.raises(Gone) as gone:
        store.get("A")
    assert gone.value.who == "(former member)"


# -- changes of one page, account or commit


def test_changes_of_a_page_an_account_and_a_commit(hand, store):
    one, two = hand.new("one", "1"), hand.new("two", "2")
    first = store.last_seq()
    ops = [Put(one.id, "1b", one.head), Rename(two.id, "three", two.head)]
    store.commit(ops, BOB, comment="both", ts=5000)
    hand.put(store.get("one"), "1c")
    of_page = store.changes_of(ChangesOf(page=one.id))
    assert [(it.kind, it.author) for it in of_page] == [
        ("put", "Ann"),
        ("put", "Bob"),
        ("put", "Ann"),
    ]
    by_bob = store.changes_of(ChangesOf(author_id=BOB.id))
    assert [it.kind for it in by_bob] == ["rename", "put"]
    assert {it.txn for it in by_bob} == {first + 1}
    assert store.changes_of(ChangesOf(txn=first + 1)) == by_bob
    assert store.changes(first, 2) == by_bob[::-1]
    renames = ChangesOf(author_id=BOB.id, kinds=("rename",))
    assert store.changes_of(renames) == by_bob[:1]
    # Paged by key, in the middle of a commit too; cut by time; never without end.
    below = ChangesOf(author_id=BOB.id, before=by_bob[0].seq)
    assert store.changes_of(below) == by_bob[1:]
    assert store.changes_of(ChangesOf(page=one.id, limit=1)) == of_page[:1]
    assert not store.changes_of(ChangesOf(author_id=BOB.id, since=6000))
    assert store.changes_of(ChangesOf(author_id=BOB.id, since=5000)) == by_bob
    assert not store.changes_of(ChangesOf(author_id=99))
    with pytest.raises(ValueError, match="limit"):
        store.changes_of(ChangesOf(page=1, limit=501))
    for wrong in ({}, {"page": 1, "txn": 1}):
        with pytest.raises(ValueError, match="say one"):
            ChangesOf(**wrong)


def test_the_feed_as_a_reader_may_see_it(hand, store):
    page = hand.new("a", "---\naudience: members\n---\n")
    hand.put(page, "open")
    hand.new("b", "---\naudience: members\n---\n")
    closed = hand.new("c", "open at first")
    hand.put(closed, "---\naudience: members\n---\n")
    hand.new("d", "open")
    seen = store.changes(0, sees=PUBLIC)
    assert [(it.kind, it.page) for it in seen if it.kind == "put"] == [
        ("put", page.id),
        ("put", store.get("d").id),
    ]
    assert {it.page for it in seen} == {page.id, store.get("d").id}
    assert store.changes(0, 1, sees=PUBLIC) == seen[:1]
    assert store.changes(seen[-1].seq, sees=PUBLIC) == []
    assert store.changes(0, sees=None) == store.changes(0)
    with pytest.raises(ValueError, match="limit"):
        store.changes(0, 501, sees=PUBLIC)


def test_changes_of_hidden_pages_are_not_told(hand, store):
    page = hand.new("a", "---\naudience: members\n---\n")
    hand.put(page, "open")
    shut = hand.new("b", "---\naudience: members\n---\n")
    seen = ChangesOf(author_id=ANN.id, sees=PUBLIC)
    assert [it.page for it in store.changes_of(seen)] == [page.id]
    assert not store.changes_of(ChangesOf(page=shut.id, sees=PUBLIC))
    assert len(store.changes_of(ChangesOf(author_id=ANN.id, sees=MEMBER))) == 3
