"""The service below every door: saves, rights, merges, records, search."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from wiki import Draft, Plugin, Problem, hookimpl
from wiki.app import create_app
from wiki.config import load
from wiki.errors import (
    BadName,
    Conflict,
    Gone,
    NameTaken,
    NotAllowed,
    NotFound,
    NotValid,
    SignInNeeded,
    TooLarge,
    WikiError,
)
from wiki.model import events
from wiki.model.actor import SYSTEM, VISITOR_ACTOR, Actor, person
from wiki.model.page import ERROR, WARNING, Redirect
from wiki.service import Wiki

ANA = person(101, "Ana", "editor")
BEN = person(102, "Ben", "editor")
MEM = person(103, "Mem", "member")
ADM = person(104, "Adm", "admin")
NIGHT = person(105, "Night", "editor", frozenset({"night shift"}))
BASE = "# Plan\n\nFirst.\n\nSecond.\n\nThird.\n"


def save(wiki: Wiki, name: str, text: str, base: int = 0, who: Actor = ANA) -> Any:
    return wiki.save(who, Draft(name, text), base)


# -- saving


def test_a_save_and_what_it_says(wiki: Wiki) -> None:
    made = save(wiki, "  Plan /one/ ", "# Plan\r\n\r\ntext\r")
    assert made.created
    assert made.page.name == "Plan/one"
    assert made.page.text == "# Plan\n\ntext\n"
    assert made.page.author == "Ana"
    same = save(wiki, "plan/ONE", made.page.text, 1)
    assert same.unchanged
    changed = save(wiki, "Plan/one", "new", 1)
    assert (changed.created, changed.merged, changed.page.n) == (False, "", 2)


@pytest.mark.parametrize(
    ("who", "error"), [(VISITOR_ACTOR, SignInNeeded), (MEM, NotAllowed)]
)
def test_who_may_not(wiki: Wiki, who: Actor, error: type[WikiError]) -> None:
    save(wiki, "a", "one")
    for act in (
        lambda: save(wiki, "b", "x", who=who),
        lambda: save(wiki, "a", "x", 1, who=who),
        lambda: wiki.rename(who, "a", "c"),
        lambda: wiki.delete(who, "a"),
        lambda: wiki.restore(who, "a", 1),
    ):
        with pytest.raises(error):
            act()
    assert wiki.page(SYSTEM, "a").text == "one"


def test_one_of_many_at_once_wins_and_the_others_hear_of_it(wiki: Wiki) -> None:  # R5
    save(wiki, "p", BASE)
    outcomes: list[str] = []
    gate = threading.Barrier(8)

    def write(i: int) -> None:
        gate.wait()
        try:
            save(wiki, "p", BASE.replace("Second", f"Second by {i}"), 1)
            outcomes.append("saved")
        except Conflict as conflict:
            mine = BASE.replace("Second", f"Second by {i}")
            kept = (conflict.yours, conflict.base_text) == (mine, BASE)
            outcomes.append("conflict" if kept else "lost")

    writers = [threading.Thread(target=write, args=(i,)) for i in range(8)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert sorted(outcomes) == ["conflict"] * 7 + ["saved"]
    assert wiki.page(SYSTEM, "p").n == 2
    assert "<<<" not in wiki.page(SYSTEM, "p").text


def test_many_at_once_in_different_parts_all_get_in(wiki: Wiki) -> None:  # R5
    parts = [f"Part {i}." for i in range(5)]
    save(wiki, "p", "\n\n".join(parts) + "\n")
    gate = threading.Barrier(5)
    failed: list[Exception] = []

    def write(i: int) -> None:
        mine = [*parts[:i], f"Part {i}, changed.", *parts[i + 1 :]]
        gate.wait()
        for _ in range(20):
            try:
                save(wiki, "p", "\n\n".join(mine) + "\n", 1)
            except Conflict as error:
                failed.append(error)
            except WikiError:
                continue  # busy: a person presses Save again
            return

    writers = [threading.Thread(target=write, args=(i,)) for i in range(5)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    # Neighboring paragraphs may count as one part; nothing is lost in silence.
    text = wiki.page(SYSTEM, "p").text
    assert text.count("changed") == 5 - len(failed)
    assert wiki.page(SYSTEM, "p").n == 6 - len(failed)


def test_merge_is_refused_where_it_is_not_wanted(wiki: Wiki) -> None:
    save(wiki, "p", BASE)
    save(wiki, "p", BASE.replace("First", "1st"), 1)
    with pytest.raises(Conflict):
        wiki.save(ANA, Draft("p", BASE.replace("Third", "3rd")), 1, merge=False)


def test_a_merge_that_breaks_a_rule_is_not_published(wiki: Wiki) -> None:
    text = "---\na: 1\n---\n" + ("word " * 20 + "\n\n") * 1900
    added = ("more " * 20 + "\n\n") * 400
    save(wiki, "p", text + "end\n")
    save(wiki, "p", text + "end\n\n" + added, 1)
    # Each fits, both together do not.
    with pytest.raises(TooLarge):
        save(wiki, "p", text.replace("---\nword", f"---\n{added}word") + "end\n", 1)
    assert wiki.page(SYSTEM, "p").n == 2


@pytest.mark.parametrize("name", ["", "a//b", "-/x", "a\x00", "../x", "x" * 300])
def test_names_that_cannot_be(wiki: Wiki, name: str) -> None:  # R7
    with pytest.raises(BadName):
        save(wiki, name, "x")
    with pytest.raises(BadName):
        wiki.get(ANA, name)


def test_names_that_are_the_same(wiki: Wiki) -> None:  # R7
    save(wiki, "Café", "one")
    for same in ("café", "CAFÉ", "Cafe\u0301", "ｃafé"):
        with pytest.raises((Conflict, NameTaken, BadName)):
            save(wiki, same, "two")
        assert wiki.page(ANA, same).name == "Café"


# -- reading rights


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("public", {VISITOR_ACTOR.id, 101, 103, 104, 105}),
        ("members", {101, 103, 104, 105}),
        ("group:night shift", {104, 105}),
        ("admins", {104}),
        ("nonsense", {104}),
    ],
)
def test_who_sees_what(
    wiki: Wiki, audience: str, readers: set[int | None]
) -> None:  # R10
    text = f"---\naudience: '{audience}'\n---\n# Hidden\n\ncanary\n"
    wiki.save(SYSTEM, Draft("p", text), 0)
    wiki.save(SYSTEM, Draft("links", "[[p]]"), 0)
    page_id = wiki.page(SYSTEM, "links").id
    for who in (VISITOR_ACTOR, ANA, MEM, ADM, NIGHT):
        sees = who.id in readers
        lists = [
            [h.name for h in wiki.search(who, "canary").hits],
            [h.name for h in wiki.suggest(who, "hidden")],
            [c.name for c in wiki.recent(who) if c.name == "p"],
            [r.name for r in wiki.store.list(sees=who.sees)[0] if r.name == "p"],
        ]
        assert lists == [["p"] if sees else []] * 4, who
        assert wiki.search(who, "canary").total == int(sees)
        try:
            assert "canary" in wiki.page(who, "p").text
            assert sees, who
        except NotFound:
            assert not sees, who
        view = wiki.view(who, "links")
        assert not isinstance(view, Redirect)
        assert ("/-/new" in view.rendered.html) is not sees, who
    assert page_id


def test_nobody_gives_a_page_away(wiki: Wiki) -> None:
    for audience in ("admins", "group:night shift", "nonsense"):
        with pytest.raises(NotValid):
            save(wiki, "p", f"---\naudience: '{audience}'\n---\nx")
    save(wiki, "p", "---\naudience: 'group:night shift'\n---\nx", who=NIGHT)
    save(wiki, "q", "---\naudience: members\n---\nx")


def test_an_old_version_stays_with_those_it_was_for(wiki: Wiki) -> None:  # R10
    wiki.save(SYSTEM, Draft("p", "---\naudience: members\n---\ncanary"), 0)
    wiki.save(SYSTEM, Draft("p", "open"), 1)
    with pytest.raises(NotFound):
        wiki.page(VISITOR_ACTOR, "p", 1)
    assert "canary" in wiki.page(MEM, "p", 1).text
    page = wiki.page(VISITOR_ACTOR, "p")
    assert [row.n for row in wiki.history(VISITOR_ACTOR, page)] == [2]
    assert [row.n for row in wiki.history(MEM, page)] == [2, 1]


# -- moving about


def test_rename_delete_restore(wiki: Wiki) -> None:
    save(wiki, "a", "one")
    save(wiki, "a", "two", 1)
    assert wiki.rename(ANA, "a", "b").name == "b"
    found = wiki.get(ANA, "a")
    assert isinstance(found, Redirect)
    assert found.name == "b"
    save(wiki, "c", "x")
    with pytest.raises(NameTaken):
        wiki.rename(ANA, "c", "b")
    wiki.delete(ANA, "a", "gone\n for  now")
    with pytest.raises(Gone):
        wiki.page(ANA, "b")
    assert wiki.restore(ANA, "b").text == "two"
    assert wiki.restore(ANA, "b", 1).text == "one"
    with pytest.raises(NotFound):
        wiki.restore(ANA, "b", 77)
    with pytest.raises(NotFound):
        wiki.restore(ANA, "never was")
    comments = [row.comment for row in wiki.recent(ANA) if row.kind == "delete"]
    assert comments == ["gone for now"]


def test_a_rename_to_another_spelling_of_itself(wiki: Wiki) -> None:
    save(wiki, "plan", "x")
    assert wiki.rename(ANA, "plan", "Plan").name == "Plan"
    assert wiki.page(ANA, "plan").name == "Plan"


# -- plugins


class Careful(Plugin):
    """Objects, adjusts and listens."""

    name = "careful"
    heard: list[Any]

    @hookimpl
    def setup(self, wiki: Any) -> None:
        type(self).heard = []

    @hookimpl
    def prepare_page(self, draft: Draft) -> Draft | None:
        if "teh" not in draft.text:
            return None
        return Draft(draft.name, draft.text.replace("teh", "the"), draft.comment)

    @hookimpl
    def page_problems(self, draft: Draft, before: Any) -> list[Problem]:
        if "wrong" in draft.text:
            return [Problem(ERROR, "text", "This is wrong.", line=1)]
        return [Problem(WARNING, "text", "A thought.")] if before else []

    @hookimpl
    def on_event(self, event: Any) -> None:
        type(self).heard.append(event)


def test_plugins_adjust_object_and_hear(plugin: Any, request: Any) -> None:
    plugin(Careful)
    wiki: Wiki = request.getfixturevalue("wiki")
    made = save(wiki, "p", "teh text")
    assert made.page.text == "the text"
    with pytest.raises(NotValid) as refused:
        save(wiki, "p", "wrong", 1)
    assert str(refused.value.problems[0]) == "This is wrong."
    assert [str(one) for one in save(wiki, "p", "more", 1).problems] == ["A thought."]
    wiki.rename(ANA, "p", "q")
    wiki.delete(ANA, "q")
    wiki.restore(ANA, "q")
    kinds = [type(one) for one in Careful.heard]
    assert kinds == [
        events.PageSaved,
        events.PageSaved,
        events.PageRenamed,
        events.PageDeleted,
        events.PageRestored,
    ]
    assert Careful.heard[0].created
    assert (Careful.heard[2].old, Careful.heard[2].new) == ("p", "q")


def test_records_of_a_page_type(wiki: Wiki) -> None:
    wiki.save(SYSTEM, Draft("g/one", "---\ntype: note\ncity: Here\n---\nx"), 0)
    wiki.save(SYSTEM, Draft("g/two", "---\ntype: note\ncity: There\n---\nx"), 0)
    wiki.save(SYSTEM, Draft("g/hid", "---\ntype: note\naudience: admins\n---\nx"), 0)
    some, following = wiki.records("note", VISITOR_ACTOR.sees, {"city": "Here"})
    assert [one.name for one in some] == ["g/one"]
    assert following is None
    assert [one.name for one in wiki.all_records("note", ANA.sees)] == [
        "g/one",
        "g/two",
    ]
    assert len(wiki.all_records("note", None)) == 3
    before = wiki.stamp("records:note")
    save(wiki, "g/two", "---\ntype: note\ncity: Nowhere\n---\nx", 1)
    assert wiki.stamp("records:note") > before
    assert wiki.all_records("note", ANA.sees)[1].fields["city"] == "Nowhere"
    assert wiki.record("g/hid", ANA.sees) is None
    record = wiki.record("g/one", ANA.sees)
    assert record is not None
    assert record.fields["city"] == "Here"


def test_links_follow_what_comes_and_goes(wiki: Wiki) -> None:
    def link() -> str:
        view = wiki.view(VISITOR_ACTOR, "a")
        assert not isinstance(view, Redirect)
        return view.rendered.html

    save(wiki, "a", "[[b]]")
    assert "/-/new?name=b" in link()
    save(wiki, "b", "# The b\n")
    assert 'href="/b"' in link()
    wiki.rename(ANA, "b", "c")
    assert 'href="/c"' in link()
    wiki.delete(ANA, "c")
    assert "/-/new" in link()


# -- two wikis in one process


def test_two_wikis_know_nothing_of_each_other(tmp_path: Any) -> None:
    apps = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        settings = {"site.title": f"Wiki {name}"}
        config = load(tmp_path / name, {}, settings)
        apps.append(create_app(config=config, memory=True))
    for app, other in (apps, apps[::-1]):
        wiki: Wiki = app.extensions["wiki"]
        title = wiki.config.site.title
        wiki.save(SYSTEM, Draft("home", f"text of {title}"), 0)
        shown = app.test_client().get("/").text
        assert f"text of {title}" in shown
        assert other.extensions["wiki"].config.site.title not in shown
    for app in apps:
        app.extensions["wiki"].close()
