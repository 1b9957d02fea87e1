"""Undoing: one change, all of one account, one commit; nothing of others is lost."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from wiki import Draft, Plugin, Problem, hookimpl
from wiki.app import create_app
from wiki.config import load
from wiki.errors import CannotUndo, Conflict, Gone, NotAllowed, NotFound, SignInNeeded
from wiki.model import events
from wiki.model.actor import SYSTEM, VISITOR_ACTOR, Actor, person
from wiki.model.page import ERROR, Put, Rename
from wiki.service import Wiki
from wiki.store.base import Author, ChangesOf

ANA = person(101, "Ana", "editor")
BAD = person(102, "Bad", "editor")
MEM = person(103, "Mem", "member")
MOD = person(104, "Mod", "moderator")
ADM = person(105, "Adm", "admin")
NIGHT = person(106, "Night", "editor", frozenset({"night"}))
PLAN = "# Plan\n\nFirst.\n\nSecond.\n\nThird.\n"
ALL_BY_BAD = ChangesOf(author_id=BAD.id)


def save(wiki: Wiki, name: str, text: str, who: Actor = ANA) -> int:
    """Save over what is there; return the page's id."""
    try:
        base = wiki.page(SYSTEM, name).n
    except NotFound:
        base = 0
    return wiki.save(who, Draft(name, text), base).page.id


def text(wiki: Wiki, name: str) -> str:
    return wiki.page(SYSTEM, name).text


def last(wiki: Wiki, page_id: int) -> int:
    """Return the seq of the newest change of a page."""
    return wiki.store.changes_of(ChangesOf(page=page_id, limit=1))[0].seq


def undo(wiki: Wiki, page_id: int, seq: int, who: Actor = ANA) -> bool:
    change = wiki.undoing.change(who, page_id, seq)
    return wiki.undoing.one(who, change, "Undid it")


# -- one change


def test_the_newest_change_is_taken_back(wiki: Wiki) -> None:
    page = save(wiki, "p", PLAN)
    save(wiki, "p", "spam", BAD)
    assert undo(wiki, page, last(wiki, page))
    found = wiki.page(SYSTEM, "p")
    assert (found.text, found.n, found.author) == (PLAN, 3, "Ana")
    assert found.comment == "Undid it"


def test_an_older_change_is_merged_out_of_the_page(wiki: Wiki) -> None:
    page = save(wiki, "p", PLAN)
    save(wiki, "p", PLAN.replace("Second.", "Spam."), BAD)
    seq = last(wiki, page)
    save(wiki, "p", text(wiki, "p").replace("Third.", "Third, longer."))
    assert undo(wiki, page, seq)
    assert text(wiki, "p") == PLAN.replace("Third.", "Third, longer.")
    # Again: it is out already.
    assert not undo(wiki, page, seq)
    assert wiki.page(SYSTEM, "p").n == 4


def test_what_others_changed_too_is_never_decided_alone(wiki: Wiki) -> None:
    page = save(wiki, "p", PLAN)
    spam = PLAN.replace("Second.", "Spam.")
    save(wiki, "p", spam, BAD)
    seq = last(wiki, page)
    now = PLAN.replace("Second.", "Spam, corrected.")
    save(wiki, "p", now)
    with pytest.raises(Conflict) as found:
        undo(wiki, page, seq)
    assert found.value.base_text == spam
    assert (found.value.theirs, found.value.yours) == (now, PLAN)
    assert text(wiki, "p") == now


def test_a_page_that_a_change_made_is_deleted_and_comes_back(wiki: Wiki) -> None:
    page = save(wiki, "p", "spam", BAD)
    made = last(wiki, page)
    assert undo(wiki, page, made)
    with pytest.raises(Gone):
        wiki.page(SYSTEM, "p")
    assert not undo(wiki, page, made)
    # The undo is a change as well.
    assert undo(wiki, page, last(wiki, page))
    assert text(wiki, "p") == "spam"


def test_a_page_that_others_wrote_on_is_not_deleted(wiki: Wiki) -> None:
    page = save(wiki, "p", "one\n", BAD)
    made = last(wiki, page)
    save(wiki, "p", "one\n\ntwo\n")
    with pytest.raises(CannotUndo, match="Others have written"):
        undo(wiki, page, made)
    assert text(wiki, "p") == "one\n\ntwo\n"


def test_a_rename_a_deletion_and_a_restoring_are_taken_back(wiki: Wiki) -> None:
    page = save(wiki, "p", PLAN)
    wiki.rename(BAD, "p", "q")
    assert undo(wiki, page, last(wiki, page))
    assert wiki.page(SYSTEM, "p").name == "p"
    wiki.delete(BAD, "p")
    deleted = last(wiki, page)
    assert undo(wiki, page, deleted)
    assert text(wiki, "p") == PLAN
    save(wiki, "p", "better")
    wiki.restore(BAD, "p", 1)
    assert undo(wiki, page, last(wiki, page))
    assert text(wiki, "p") == "better"
    # Deleted anew by somebody else: that deletion stands.
    wiki.delete(ANA, "p")
    assert not undo(wiki, page, deleted)


def test_a_rename_is_left_where_the_name_is_not_free(wiki: Wiki) -> None:
    page = save(wiki, "p", PLAN)
    wiki.rename(BAD, "p", "q")
    seq = last(wiki, page)
    wiki.save(ANA, Draft("p", "a new one"), 0)
    with pytest.raises(CannotUndo, match="old name cannot be used"):
        undo(wiki, page, seq)
    wiki.delete(ANA, "p")
    with pytest.raises(CannotUndo, match="old name cannot be used"):
        undo(wiki, page, seq)
    wiki.rename(ANA, "q", "r")
    with pytest.raises(CannotUndo, match="renamed again"):
        undo(wiki, page, seq)


# -- rights


def test_who_may_undo(wiki: Wiki) -> None:
    page = save(wiki, "p", PLAN)
    save(wiki, "p", "spam", BAD)
    seq = last(wiki, page)
    for who, error in ((VISITOR_ACTOR, SignInNeeded), (MEM, NotAllowed)):
        with pytest.raises(error):
            undo(wiki, page, seq, who)
    blocked = dataclasses.replace(ANA, role="member", scopes=frozenset({"read"}))
    with pytest.raises(NotAllowed):
        undo(wiki, page, seq, blocked)
    assert text(wiki, "p") == "spam"
    with pytest.raises(NotFound):
        undo(wiki, page + 1, seq)
    with pytest.raises(NotFound):
        undo(wiki, page, seq + 1)


def test_a_hidden_version_is_not_brought_to_light(wiki: Wiki) -> None:  # R10
    hidden = "---\naudience: admins\n---\nsecret\n"
    page = save(wiki, "p", hidden, ADM)
    save(wiki, "p", "open", ADM)
    seq = last(wiki, page)
    with pytest.raises(CannotUndo, match="people you are not among"):
        undo(wiki, page, seq)
    assert undo(wiki, page, seq, ADM)
    assert wiki.page(SYSTEM, "p").audience == "admins"
    # Back to the open text: more people would read it.
    with pytest.raises(CannotUndo, match="let more people read"):
        undo(wiki, page, last(wiki, page), ADM)
    with pytest.raises(NotFound):
        undo(wiki, page, last(wiki, page))


def test_parts_for_others_are_neither_written_nor_overwritten(wiki: Wiki) -> None:
    part = "---\nplaces:\n  - {audience: 'group:night', x: 1}\n---\n"
    page = save(wiki, "p", f"{part}one\n", NIGHT)
    save(wiki, "p", "two\n", NIGHT)
    with pytest.raises(NotAllowed, match="fewer people"):
        undo(wiki, page, last(wiki, page))
    assert undo(wiki, page, last(wiki, page), NIGHT)
    assert text(wiki, "p") == f"{part}one\n"
    save(wiki, "p", f"{part}three\n", NIGHT)
    with pytest.raises(NotAllowed, match="fewer people"):
        undo(wiki, page, last(wiki, page))


class Strict(Plugin):
    """Refuses a word; remembers what it was told."""

    name = "strict"
    title = "Strict"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.told: list[Any] = []

    @hookimpl
    def page_problems(self, draft: Draft, **_: Any) -> list[Problem]:
        bad = "First" in draft.text and "new" in draft.text
        return [Problem(ERROR, "text", "Not both.")] if bad else []

    @hookimpl
    def on_event(self, event: Any) -> None:
        self.told.append(event)


def test_what_comes_out_is_checked_and_told(tmp_path: Any) -> None:
    app = create_app(config=load(tmp_path, {}), plugins=[Strict], memory=True)
    wiki: Wiki = app.extensions["wiki"]
    page = save(wiki, "p", "First.\n\nSecond.\n")
    save(wiki, "p", "Other.\n\nSecond.\n", BAD)
    seq = last(wiki, page)
    save(wiki, "p", "Other.\n\nSecond, new.\n")
    done = wiki.undoing.all(MOD, ALL_BY_BAD, "x")
    assert not done.pages
    assert [one.why.status for one in done.left] == [422]
    save(wiki, "p", "Other.\n\nSecond.\n\nLast.\n")
    plugin = wiki.registry.plugins["strict"]
    assert isinstance(plugin, Strict)
    plugin.told.clear()
    assert undo(wiki, page, seq, MOD)
    assert [type(one) for one in plugin.told] == [events.PageSaved]
    wiki.close()


# -- everything by one account


def vandal(wiki: Wiki) -> None:
    """Let one account do everything that an account can do."""
    for name in ("a", "b", "c", "d", "e"):
        save(wiki, name, PLAN)
    save(wiki, "a", "spam", BAD)
    save(wiki, "a", "more spam", BAD)
    save(wiki, "b", PLAN.replace("First.", "Spam."), BAD)
    save(wiki, "b", text(wiki, "b").replace("Third.", "Mine."))
    wiki.rename(BAD, "c", "ccc")
    save(wiki, "ccc", "spam", BAD)
    wiki.delete(BAD, "d")
    save(wiki, "new", "spam", BAD)
    save(wiki, "e", PLAN.replace("First.", "Spam."), BAD)
    save(wiki, "e", PLAN.replace("First.", "Spam, edited."))
    save(wiki, "mine", "x", BAD)
    save(wiki, "mine", "x\n\ny\n")


def test_p18_all_by_one_account_is_undone_in_one_action(wiki: Wiki) -> None:  # P18
    vandal(wiki)
    looked = wiki.undoing.look(MOD, ALL_BY_BAD, 100)
    before = wiki.store.last_seq()
    done = wiki.undoing.all(MOD, ALL_BY_BAD, "Undid all changes of Bad")
    assert [one.page for one in looked.pages] == [one.page for one in done.pages]
    assert len(done.pages) == 5
    assert text(wiki, "a") == PLAN
    assert text(wiki, "b") == PLAN.replace("Third.", "Mine.")
    assert text(wiki, "c") == PLAN
    assert wiki.page(SYSTEM, "c").name == "c"
    assert text(wiki, "d") == PLAN
    with pytest.raises(Gone):
        wiki.page(SYSTEM, "new")
    # Left for a person, untouched.
    assert {one.change.name for one in done.left} == {"e", "mine"}
    assert text(wiki, "e") == PLAN.replace("First.", "Spam, edited.")
    assert text(wiki, "mine") == "x\n\ny\n"
    made = wiki.store.changes(before, 100)
    assert {one.txn for one in made} == {before + 1}
    assert {one.author for one in made} == {"Mod"}
    # Done again: nothing is left to undo.
    again = wiki.undoing.all(MOD, ALL_BY_BAD, "x")
    assert not again.pages
    assert wiki.store.last_seq() == made[-1].seq


def test_an_undo_is_undone_in_the_same_way(wiki: Wiki) -> None:  # P18
    vandal(wiki)
    was = {name: text(wiki, name) for name in ("a", "b", "ccc", "new")}
    before = wiki.store.last_seq()
    wiki.undoing.all(MOD, ALL_BY_BAD, "x")
    back = wiki.undoing.all(ADM, ChangesOf(txn=before + 1), "x")
    assert len(back.pages) == 5
    assert not back.left
    assert {name: text(wiki, name) for name in was} == was
    with pytest.raises(Gone):
        wiki.page(SYSTEM, "d")


def test_only_what_is_new_enough(wiki: Wiki) -> None:
    old = wiki.store.commit([Put("old", "x", "new")], Author(BAD.id, "Bad"), ts=1000)
    save(wiki, "new", "x", BAD)
    done = wiki.undoing.all(MOD, dataclasses.replace(ALL_BY_BAD, since=2000), "x")
    assert [one.name for one in done.pages] == ["new"]
    assert wiki.store.head(old.pages[0])


def test_names_that_two_pages_passed_on_go_back(wiki: Wiki) -> None:
    one, two = save(wiki, "one", "1"), save(wiki, "two", "2")
    heads = wiki.store.heads([one, two])
    swap = [Rename(one, "two", heads[one][0]), Rename(two, "one", heads[two][0])]
    wiki.store.commit(swap, Author(BAD.id, "Bad"))
    assert wiki.page(SYSTEM, "two").id == one
    done = wiki.undoing.all(MOD, ALL_BY_BAD, "x")
    assert len(done.pages) == 2
    assert wiki.page(SYSTEM, "one").id == one
    assert wiki.page(SYSTEM, "two").id == two


def test_a_moderator_hears_nothing_of_hidden_pages(wiki: Wiki) -> None:  # R10
    boss = person(107, "Boss", "admin")
    save(wiki, "open", "x", boss)
    save(wiki, "shut", "---\naudience: admins\n---\nx\n", boss)
    by_boss = ChangesOf(author_id=boss.id)
    assert [c.name for c in wiki.undoing.look(MOD, by_boss, 9).pages] == ["open"]
    done = wiki.undoing.all(MOD, by_boss, "x")
    assert [c.name for c in done.pages] == ["open"]
    assert not done.left
    assert [c.name for c in wiki.undoing.all(ADM, by_boss, "x").pages] == ["shut"]


def test_an_import_is_undone_as_a_whole(wiki: Wiki) -> None:  # P18
    save(wiki, "there", "before")
    ops = [Put(f"in/{i}", f"text {i}", "new") for i in range(700)]
    page = wiki.page(SYSTEM, "there")
    ops.append(Put(page.id, "after", page.head))
    wiki.store.commit(ops, Author(ANA.id, "Ana"), comment="Import", origin="import")
    txn = wiki.store.changes(wiki.store.last_seq() - 1, 1)[0].txn
    before = wiki.store.last_seq()
    looked = wiki.undoing.look(MOD, ChangesOf(txn=txn), 100)
    assert (len(looked.pages), looked.more) == (100, True)
    done = wiki.undoing.all(MOD, ChangesOf(txn=txn), "Undid an import")
    assert len(done.pages) == 701
    assert text(wiki, "there") == "before"
    assert not wiki.store.list(prefix="in/")[0]
    # One action in the change feed, too.
    assert {one.txn for one in wiki.store.changes(before, 500)} == {before + 1}
