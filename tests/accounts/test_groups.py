"""Groups: who makes them, who says who is in one, and who may look."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from wiki.accounts import Accounts
from wiki.config import Config
from wiki.errors import BadName, NameTaken, NotAllowed, NotFound, NotValid, WikiError
from wiki.model import audience
from wiki.model.actor import VISITOR_ACTOR, Actor, person
from wiki.store.private import PrivateStore

from .people import GOOD, Clock, actor, admin


@pytest.fixture
def boss(accounts: Accounts) -> Actor:
    return admin(accounts)


@pytest.fixture
def press(accounts: Accounts, boss: Actor) -> str:
    return accounts.groups.add("Press", "Talks to papers.", by=boss)


def someone(accounts: Accounts, name: str, role: str = "member") -> Actor:
    return person(accounts.create_user(name, role, GOOD), name, role)


def in_it(accounts: Accounts, boss: Actor, name: str) -> list[tuple[str, bool]]:
    rows, _ = accounts.groups.members(boss, name)
    return [(row.name, row.steward) for row in rows]


# -- names


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "x" * 65, "a/", "a:b", "a,b", "a|b", "a&b", ".", ".."),
        *("public", "MEMBERS", "ａｄｍｉｎｓ", "Group", "everyone"),
        *("a\x00b", "a\nb", "a\u202eb", "a\u200b"),
    ],
)
def test_group_names_that_are_refused(accounts: Accounts, name: str) -> None:
    user_id = accounts.create_user("Bo", "member")
    if "\n" not in name:
        with pytest.raises(BadName):
            accounts.groups.add(name)
        with pytest.raises(BadName):
            accounts.set_groups(user_id, [name])
    assert accounts.groups.all() == []


@pytest.mark.parametrize(
    "name", ["Tenants", "صحافة", "住房", "Mieter*innen", "North (west)", "نشر\u200cه"]
)
def test_group_names_that_are_audiences(accounts: Accounts, name: str) -> None:
    made = accounts.groups.add(f"  {name} ")
    assert made == name
    assert audience.read(f"group:{name}") == f"group:{name}"


def test_names_that_read_the_same_are_one_group(accounts: Accounts, press: str) -> None:
    for name in ("press", "PRESS", " ｐｒｅｓｓ "):
        with pytest.raises(NameTaken, match="Press"):
            accounts.groups.add(name)
    user_id = accounts.create_user("Bo", "member")
    accounts.set_groups(user_id, ["press", "PRESS"])
    found = actor(accounts, accounts.follow_link(accounts.link_for(user_id)))
    assert found.groups == {"Press"}


def test_a_group_named_for_the_first_time_is_made(accounts: Accounts) -> None:
    accounts.create_user("Bo", "member", groups=["tenants"])
    assert [(it.name, it.members) for it in accounts.groups.all()] == [("tenants", 1)]


# -- who changes a group


def test_stewards_say_who_is_in_their_group(
    accounts: Accounts, boss: Actor, press: str
) -> None:
    ana, bo = someone(accounts, "Ana"), someone(accounts, "Bo")
    groups = accounts.groups
    groups.put_in(press, "Ana", by=boss)
    groups.set_steward(press, "ana", True, by=boss)
    assert groups.put_in(press, "  BO ", by=ana) == "Bo"
    groups.set_steward(press, "Bo", True, by=ana)
    assert in_it(accounts, boss, press) == [("Ana", True), ("Bo", True)]
    groups.set_steward(press, "Ana", False, by=bo)
    groups.take_out(press, "Ana", by=bo)
    groups.describe(press, "Line\none", by=bo)
    assert in_it(accounts, boss, press) == [("Bo", True)]
    assert groups.all()[0].about == "Line one"


def test_what_a_steward_does_counts_at_once_in_every_process(
    accounts: Accounts,
    boss: Actor,
    press: str,
    config: Config,
    clock: Clock,
    tmp_path: Path,
) -> None:
    there = PrivateStore(tmp_path / "private.db")
    other = Accounts(there, config, clock)
    someone(accounts, "Bo")
    secret = other.sign_in("bo", GOOD)
    assert other.session(secret)
    accounts.groups.put_in(press, "Bo", by=boss)
    assert "group:Press" in (actor(other, secret).sees or ())
    accounts.groups.take_out(press, "Bo", by=boss)
    assert "group:Press" not in (actor(other, secret).sees or ())
    there.close()


@pytest.mark.parametrize("role", ["member", "editor", "moderator"])
@pytest.mark.parametrize("inside", [True, False])
def test_nobody_else_says_who_is_in_it(
    accounts: Accounts, boss: Actor, press: str, role: str, inside: bool
) -> None:
    by, groups = someone(accounts, "Cy", role), accounts.groups
    someone(accounts, "Bo")
    groups.put_in(press, "Bo", by=boss)
    other = groups.add("Other", by=boss)
    groups.put_in(other, "Cy", by=boss)
    groups.set_steward(other, "Cy", True, by=boss)
    if inside:
        groups.put_in(press, "Cy", by=boss)
    before = in_it(accounts, boss, press)
    refused: type[WikiError] = NotAllowed if inside else NotFound
    for act in (
        lambda: groups.put_in(press, "Cy", by=by),
        lambda: groups.take_out(press, "Bo", by=by),
        lambda: groups.set_steward(press, "Cy", True, by=by),
        lambda: groups.describe(press, "x", by=by),
    ):
        with pytest.raises(refused):
            act()
    for act in (
        lambda: groups.add("New", by=by),
        lambda: groups.remove(press, press, by=by),
        lambda: accounts.set_groups(by.id or 0, [press], by=by),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert in_it(accounts, boss, press) == before


def test_a_steward_who_was_blocked_or_put_out_steers_no_more(
    accounts: Accounts, boss: Actor, press: str
) -> None:
    ana, groups = someone(accounts, "Ana"), accounts.groups
    groups.put_in(press, "Ana", by=boss)
    groups.set_steward(press, "Ana", True, by=boss)
    accounts.block(ana.id or 0, by=boss)
    with pytest.raises(NotAllowed):
        groups.put_in(press, "chief", by=ana)
    accounts.unblock(ana.id or 0, by=boss)
    groups.take_out(press, "Ana", by=boss)
    with pytest.raises(NotFound):
        groups.put_in(press, "chief", by=ana)


@pytest.mark.parametrize(
    "name", ["nobody", "", "x" * 5000, "Closed", "(former member)"]
)
def test_people_who_cannot_be_put_in(
    accounts: Accounts, boss: Actor, press: str, name: str
) -> None:
    accounts.close_user(someone(accounts, "Closed").id or 0)
    with pytest.raises(NotFound, match="no account named"):
        accounts.groups.put_in(press, name, by=boss)


def test_new_groups_keep_who_steers_the_old_ones(
    accounts: Accounts, boss: Actor, press: str
) -> None:
    ana = someone(accounts, "Ana")
    accounts.groups.put_in(press, "Ana", by=boss)
    accounts.groups.set_steward(press, "Ana", True, by=boss)
    accounts.set_groups(ana.id or 0, ["other", "press"], by=boss)
    assert in_it(accounts, boss, press) == [("Ana", True)]


# -- who looks at a group


def test_a_group_is_seen_by_who_is_in_it(
    accounts: Accounts, boss: Actor, press: str
) -> None:
    ana, bo = someone(accounts, "Ana"), someone(accounts, "Bo", "moderator")
    accounts.groups.put_in(press, "Ana", by=boss)
    group, steers = accounts.groups.get(ana, "press")
    assert (group.name, group.members, steers) == ("Press", 1, False)
    assert [row[0].name for row in accounts.groups.of(ana)] == ["Press"]
    for who in (bo, VISITOR_ACTOR):
        for name in (press, "there is none"):
            with pytest.raises(NotFound) as refused:
                accounts.groups.get(who, name)
            assert str(refused.value) == NotFound.sentence
        with pytest.raises(NotFound):
            accounts.groups.members(who, press)
        assert accounts.groups.of(who) == []
    assert accounts.groups.get(boss, press)[1]


def test_members_come_in_pages_and_are_found(
    accounts: Accounts, boss: Actor, press: str
) -> None:
    for n in range(130):
        accounts.create_user(f"person {n:03}", "member", groups=[press])
    first, after = accounts.groups.members(boss, press)
    second, end = accounts.groups.members(boss, press, after=after)
    assert [len(first), len(second), end] == [100, 30, ""]
    found, _ = accounts.groups.members(boss, press, search="PERSON 12")
    assert [row.name for row in found] == [f"person {n}" for n in range(120, 130)]


def test_closed_accounts_are_in_no_group_list(
    accounts: Accounts, boss: Actor, press: str, store: PrivateStore
) -> None:
    ids = [accounts.create_user(f"p{n}", "member", groups=[press]) for n in range(3)]
    accounts.close_user(ids[0])
    assert accounts.groups.all()[0].members == 2
    assert len(accounts.groups.members(boss, press)[0]) == 2


# -- removing


def test_a_group_is_removed_by_typing_its_name(
    accounts: Accounts, boss: Actor, press: str
) -> None:
    bo = someone(accounts, "Bo")
    accounts.groups.put_in(press, "Bo", by=boss)
    for typed in ("", "yes", "Press office"):
        with pytest.raises(NotValid, match="Nothing was removed"):
            accounts.groups.remove(press, typed, by=boss)
    assert in_it(accounts, boss, press) == [("Bo", False)]
    accounts.groups.remove(press, " press", by=boss)
    assert accounts.groups.all() == []
    assert accounts.groups.of(bo) == []
    with pytest.raises(NotFound):
        accounts.groups.remove(press, press, by=boss)


def test_an_old_invitation_does_not_bring_a_removed_group_back(
    accounts: Accounts, boss: Actor, press: str
) -> None:
    link = accounts.invite(boss, "member", [press])
    accounts.groups.remove(press, press, by=boss)
    found = actor(accounts, accounts.join(link, "Bo", GOOD))
    assert found.groups == frozenset()
    assert accounts.groups.all() == []


def test_each_change_of_a_group_is_in_the_log(
    accounts: Accounts, boss: Actor, press: str
) -> None:
    someone(accounts, "Bo")
    groups = accounts.groups
    for _ in range(2):
        groups.put_in(press, "Bo", by=boss)
        groups.set_steward(press, "Bo", True, by=boss)
    groups.set_steward(press, "Bo", False, by=boss)
    groups.take_out(press, "Bo", by=boss)
    groups.remove(press, press, by=boss)
    told = accounts.audit.acts(kind="group")
    assert [(it.kind, it.subject, it.detail.get("person")) for it in told] == [
        ("group.removed", "Press", None),
        ("group.left", "Press", "Bo"),
        ("group.steward_off", "Press", "Bo"),
        ("group.steward", "Press", "Bo"),
        ("group.joined", "Press", "Bo"),
        ("group.made", "Press", None),
    ]


# -- files of the first version

FIRST = """
CREATE TABLE user (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE, display TEXT NOT NULL, role TEXT NOT NULL,
    password TEXT, created BIGINT NOT NULL, closed BIGINT);
CREATE TABLE membership (user INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    "group" TEXT NOT NULL, PRIMARY KEY (user, "group"));
CREATE INDEX membership_group ON membership ("group");
CREATE TABLE link (hash BLOB PRIMARY KEY, kind TEXT NOT NULL, user INTEGER,
    role TEXT NOT NULL, groups TEXT NOT NULL, uses_left INTEGER NOT NULL,
    made_by INTEGER, created BIGINT NOT NULL, expires BIGINT NOT NULL);
INSERT INTO user VALUES (1, 'Ana', 'ana', 'Ana', 'admin', NULL, 0, NULL);
INSERT INTO membership VALUES (1, 'Équipe'), (1, 'tenants');
PRAGMA user_version = 1;
"""


def test_groups_of_an_older_file_are_known(tmp_path: Path, config: Config) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.executescript(FIRST)
    store = PrivateStore(tmp_path / "old.db")
    accounts = Accounts(store, config)
    boss = person(1, "Ana", "admin")
    assert [(it.name, it.members) for it in accounts.groups.all()] == [
        ("tenants", 1),
        ("Équipe", 1),
    ]
    assert accounts.groups.get(boss, "éQUIPE")[0].name == "Équipe"
    assert not in_it(accounts, boss, "tenants")[0][1]
    store.close()
