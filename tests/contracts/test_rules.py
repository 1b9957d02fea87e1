"""Rules on areas, in every store: who reads a page follows its area at once."""

from __future__ import annotations

import random
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import pytest

from wiki.access import set_default
from wiki.errors import NotFound
from wiki.model import audience, names
from wiki.model.actor import person
from wiki.model.page import NEW, Delete, Put, Redirect, Rename
from wiki.model.rules import Rule, Rules, area_key, clean_area, may_edit
from wiki.store.memory import MemoryStore
from wiki.store.sql import SqlStore

plain = SimpleNamespace(
    **run_path(str(Path(__file__).parents[1] / "store" / "plain.py"))
)
ANN = plain.ANN
PUBLIC = frozenset({"public"})
MEMBER = frozenset({"public", "members"})
CORE = frozenset({"public", "members", "group:core"})


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


def visible(store, sees):
    return [row.name for row in store.list(sees=sees)[0]]


def rule(store, area, read="", edit=""):
    return store.set_rule(area, Rule(area, read, edit), ANN)


def test_an_area_hides_the_pages_it_has_and_those_it_gets(hand, store):
    hand.new("plan/one", "x")
    hand.new("planets", "x")
    assert rule(store, "plan/", "group:core") == 1
    hand.new("plan/two", "x")
    assert visible(store, PUBLIC) == ["planets"]
    assert visible(store, CORE) == ["plan/one", "plan/two", "planets"]
    with pytest.raises(NotFound):
        store.get("plan/one", sees=MEMBER)
    assert store.get("plan/one", sees=CORE).audience == "group:core"


def test_a_page_may_narrow_its_area_but_not_open_it(hand, store):
    rule(store, "plan/", "members")
    for own in ("public", "group:core", "admins"):
        hand.new(f"plan/{own.replace(':', '-')}", f"---\naudience: {own}\n---\nx")
    found = {row.name: row.audience for row in store.list()[0]}
    assert found == {
        "plan/public": "members",
        "plan/group-core": "group:core",
        "plan/admins": "admins",
    }


def test_the_nearest_rule_decides_and_the_root_is_only_a_default(hand, store):
    rule(store, "", "members")
    hand.new("said", "---\naudience: public\n---\nx")
    hand.new("unsaid", "x")
    hand.new("a/open/b", "x")
    assert visible(store, PUBLIC) == ["said"]
    rule(store, "a/", "group:core")
    rule(store, "a/open/", "public")
    assert visible(store, PUBLIC) == ["a/open/b", "said"]
    store.set_rule("a/open/", None, ANN)
    assert visible(store, MEMBER) == ["said", "unsaid"]
    rule(store, "a/open/b", "public")
    assert visible(store, PUBLIC) == ["a/open/b", "said"]


def test_two_bounds_meet_and_every_list_knows_them(hand, store):
    rule(store, "plan/", "group:a|group:b")
    page = hand.new("plan/x", "---\naudience: group:b\ntags: [t]\n---\nsee [[y]]")
    hand.new("plan/y", "---\naudience: group:c\n---\nx")
    assert store.get("plan/x").audience == "group:b"
    assert store.get("plan/y").audience == "group:a|group:b&group:c"
    assert store.audiences() == ["group:a|group:b&group:c"]
    sees = frozenset({"public", "group:c", *store.audiences()})
    assert visible(store, sees) == ["plan/y"]
    assert store.backlinks(page.id, sees=sees) == []


def test_a_change_of_rules_is_heard_of(hand, store):
    page = hand.new("plan/one", "---\ntype: group\n---\nx")
    linking = hand.new("about", "see [[plan/one]]")
    seq, moved = store.last_seq(), store.get(linking.id).moved
    rule(store, "plan/", "members")
    changes = store.changes(seq)
    assert [(c.kind, c.page) for c in changes] == [
        ("setting", None),
        ("audience", page.id),
    ]
    assert store.get(page.id).moved > seq
    assert store.get(linking.id).moved > moved
    stamps = store.stamps()
    assert stamps["rules"] == stamps["pages"] == stamps["records:group"]
    seen = store.recent(sees=PUBLIC)
    assert [c.name for c in seen] == ["about"]


def test_a_rule_without_effect_changes_no_page(hand, store):
    page = hand.new("plan/one", "---\naudience: admins\n---\nx")
    moved = store.get(page.id).moved
    assert rule(store, "plan/", "members") == 0
    assert store.get(page.id).moved == moved
    assert store.rules().all() == [Rule("plan/", "members")]


def test_a_move_takes_the_audience_of_the_new_area(hand, store):
    rule(store, "plan/", "members")
    page = hand.new("open", "x")
    hand.commit(Rename(page.id, "plan/open", page.rev))
    with pytest.raises(NotFound):
        store.get("plan/open", sees=PUBLIC)
    with pytest.raises(NotFound):
        store.get("open", sees=PUBLIC)
    assert isinstance(store.get("open", sees=MEMBER), Redirect)


def test_old_versions_stay_narrow_when_an_area_opens(hand, store):
    rule(store, "plan/", "members")
    page = hand.new("plan/one", "secret")
    page = hand.put(page, "open")
    rule(store, "plan/", "public")
    assert store.get("plan/one", sees=PUBLIC).text == "open"
    assert [r.n for r in store.history(page.id, sees=PUBLIC)] == [2]
    with pytest.raises(NotFound):
        store.get("plan/one", 1, sees=PUBLIC)


def test_deleted_pages_follow_too(hand, store):
    page = hand.new("plan/one", "x")
    hand.commit(Delete(page.id, page.rev))
    rule(store, "plan/", "members")
    with pytest.raises(NotFound) as found:
        store.get("plan/one", sees=PUBLIC)
    assert type(found.value) is NotFound


def test_files_are_found_by_the_pages_that_show_them(hand, store):
    hand.new("a/x", "---\naudience: members\n---\n![[a/map]]")
    assert [row.name for row in store.using_file("a/map")] == ["a/x"]
    assert store.using_file("a/map", sees=PUBLIC) == []
    assert store.using_file("a/other") == []


def test_any_order_of_rules_and_pages_ends_alike(hand, store):
    """What the rows say is always what the rules say of them."""
    chance = random.Random(7)
    areas = ["", "a/", "a/b/", "a/b/c", "d/"]
    owns = ["", "public", "members", "group:x", "admins"]
    places = ["a/p", "a/b/p", "a/b/c", "d/p", "p"]
    pages = {}
    for step in range(80):
        if chance.random() < 0.5:
            area = chance.choice(areas)
            read = chance.choice(["public", "members", "group:x", "group:x|group:y"])
            keep = chance.random() < 0.7
            store.set_rule(area, Rule(area, read) if keep else None, ANN)
        else:
            name, own = chance.choice(places), chance.choice(owns)
            head = f"---\naudience: {own}\n---\n" if own else ""
            text = f"{head}{step}"
            base = store.get(name).rev if name in pages else NEW
            hand.commit(Put(store.get(name).id if name in pages else name, text, base))
            pages[name] = own
        rules = store.rules()
        for row in store.list()[0]:
            assert row.audience == rules.audience(row.key, pages[row.name])


# -- the rules by themselves


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("guides/*", "guides/"),
        ("guides/", "guides/"),
        (" /* ", ""),
        ("*", ""),
        ("", ""),
        ("Guides/Big Tent", "Guides/Big Tent"),
        ("a/b/*", "a/b/"),
    ],
)
def test_areas_as_people_write_them(typed, kept):
    assert clean_area(typed) == kept
    assert clean_area(kept) == kept


def test_spelling_makes_no_second_rule():
    rules = Rules([Rule("Guides/", "members"), Rule("guides/", "public")])
    assert rules.all() == [Rule("guides/", "public")]
    assert area_key("GUIDES/Straße") == names.key("guides/straße")


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("public", "members", "members"),
        ("members", "group:a", "group:a"),
        ("group:a|group:b", "group:a", "group:a"),
        ("group:a", "group:b", "group:a&group:b"),
        ("group:a|group:b", "group:b|group:c", "group:a|group:b&group:b|group:c"),
        ("admins", "public", "admins"),
        ("group:a&group:b", "group:b", "group:a&group:b"),
    ],
)
def test_what_two_bounds_leave(one, other, both):
    assert audience.both(one, other) == audience.both(other, one) == both
    for sees in ({"public"}, MEMBER, MEMBER | {"group:a", "group:b"}):
        sees = frozenset(sees)
        assert audience.satisfied(both, sees) == (
            audience.satisfied(one, sees) and audience.satisfied(other, sees)
        )


def test_wider_is_about_people():
    assert audience.is_wider("public", "members")
    assert audience.is_wider("members", "group:a")
    assert audience.is_wider("group:a", "group:b")
    assert audience.is_wider("group:a|group:b", "group:a")
    assert not audience.is_wider("group:a", "group:a|group:b")
    assert not audience.is_wider("admins", "group:a")
    assert not audience.is_wider("members", "public")


def test_who_changes_pages_by_a_rule():
    member = person(1, "m", "member", frozenset({"writers"}))
    assert may_edit(member, "group:writers")
    assert not may_edit(member, "group:core|group:other")
    assert may_edit(member, "group:core|group:writers")
    assert not may_edit(member, "editor")
    assert may_edit(person(2, "a", "admin"), "group:core")
    assert not may_edit(person(3, "e", "moderator"), "group:core")


def test_a_default_is_opened_by_the_server_only(hand, store):
    hand.new("one", "x")
    set_default(store, "members", widen=False)
    assert visible(store, PUBLIC) == []
    seq = store.last_seq()
    set_default(store, "public", widen=False)
    assert visible(store, PUBLIC) == []
    assert store.last_seq() == seq
    set_default(store, "public", widen=True)
    assert visible(store, PUBLIC) == ["one"]
    set_default(store, "members", widen=False)
    assert visible(store, PUBLIC) == []
