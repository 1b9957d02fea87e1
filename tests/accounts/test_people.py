"""Names, roles and groups of accounts."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest

from wiki.accounts import Accounts
from wiki.config import Config
from wiki.errors import (
    AccountTaken,
    BadName,
    BadRequest,
    Blocked,
    NotAllowed,
    NotFound,
)
from wiki.model.actor import SYSTEM, Actor, person
from wiki.store.private import PrivateStore

from .people import GOOD, Clock, actor, admin


@pytest.mark.parametrize(
    "name",
    ["", " ", "x" * 65, "a/b", "a\x00b", "a\u202eb", "(wiki)", "a,b", "<b>", "a\u200b"],
)
def test_names_that_are_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(BadName):
        accounts.create_user(name, "member")


@pytest.mark.parametrize(
    "name",
    ["Ana", "O'Brien", "Ana-María López", "김철수", "अनीता", "محمد", "x.y", "Zoë 2"],
)
def test_names_that_are_taken(accounts: Accounts, name: str) -> None:
    user_id = accounts.create_user(name, "member")
    assert accounts.user_id(name.upper()) == user_id
    with pytest.raises(AccountTaken):
        accounts.create_user(f" {name.upper()} ", "member")


def test_the_last_admin_stays_one(accounts: Accounts) -> None:
    boss = admin(accounts)
    assert boss.id is not None
    for act in (
        lambda: accounts.set_role(boss.id or 0, "editor"),
        lambda: accounts.close_user(boss.id or 0),
    ):
        with pytest.raises(NotAllowed):
            act()
    second = accounts.create_user("second", "admin", GOOD)
    accounts.set_role(boss.id, "editor")
    with pytest.raises(NotAllowed):
        accounts.close_user(second)


def test_only_admins_change_roles(accounts: Accounts, ana: int) -> None:
    by = person(99, "mo", "moderator")
    for act in (
        lambda: accounts.set_role(ana, "moderator", by=by),
        lambda: accounts.set_groups(ana, ["x"], by=by),
        lambda: accounts.link_for(ana, by=by),
        lambda: accounts.close_user(ana, by=by),
        lambda: accounts.create_user("cy", "member", by=by),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_list_and_missing_accounts(accounts: Accounts, ana: int) -> None:
    assert [(u.name, u.role, u.has_password) for u in accounts.list_users()] == [
        ("Ana", "editor", True)
    ]
    with pytest.raises(NotFound):
        accounts.user_id("nobody")
    with pytest.raises(NotFound):
        accounts.set_role(999, "member")
    assert not accounts.has_password(999)


# -- finding people


def names(rows: list[object]) -> list[str]:
    return [row.user.name for row in rows]  # type: ignore[attr-defined]


@pytest.fixture
def boss(accounts: Accounts) -> Actor:
    return admin(accounts)


def test_people_are_found_by_part_of_a_name(accounts: Accounts, boss: Actor) -> None:
    for name in ("Ana María", "ANABEL", "Bo", "50% off", "x_y"):
        accounts.create_user(name, "member")
    for typed, found in (
        ("ana", ["Ana María", "ANABEL"]),
        ("  AnA\u00a0", ["Ana María", "ANABEL"]),
        ("%", ["50% off"]),
        ("_", ["x_y"]),
        ("nobody", []),
    ):
        rows, following = accounts.people(boss, search=typed)
        assert (sorted(names(rows), key=str.casefold), following) == (found, "")


def test_people_are_found_by_role_and_state(accounts: Accounts, boss: Actor) -> None:
    ids = {n: accounts.create_user(n, "member") for n in ("open", "shut", "stopped")}
    accounts.close_user(ids["shut"])
    accounts.block(ids["stopped"], by=boss)
    for asked, found in (
        ({"role": "admin"}, ["chief"]),
        ({"state": "closed"}, ["shut"]),
        ({"state": "blocked"}, ["stopped"]),
        ({"state": "open"}, ["chief", "open"]),
        ({"state": "waiting"}, []),
        ({"role": "member", "state": "open"}, ["open"]),
        ({"state": "nonsense", "role": "root"}, ["chief", "open", "shut", "stopped"]),
    ):
        assert names(accounts.people(boss, **asked)[0]) == found
    assert accounts.people_by_state(boss) == {
        "open": 2,
        "blocked": 1,
        "waiting": 0,
        "closed": 1,
    }


def test_people_come_in_pages(accounts: Accounts, boss: Actor) -> None:
    for n in range(120):
        accounts.create_user(f"person {n:03}", "member")
    seen: list[str] = []
    after, pages = "", 0
    while True:
        rows, after = accounts.people(boss, after=after)
        seen, pages = seen + names(rows), pages + 1
        if not after:
            break
    assert pages == 3
    assert seen == ["chief", *(f"person {n:03}" for n in range(120))]


def test_a_person_was_last_here_on_a_day(
    accounts: Accounts, boss: Actor, ana: int, clock: Clock
) -> None:
    assert accounts.person(boss, ana).last_used is None
    accounts.sign_in("ana", GOOD)
    day = clock.ms // 86_400_000
    assert accounts.person(boss, ana).last_used == day * 86_400_000


def test_nobody_but_admins_looks_at_people(accounts: Accounts, ana: int) -> None:
    by = person(ana, "Ana", "moderator")
    for look in (
        lambda: accounts.people(by),
        lambda: accounts.person(by, ana),
        lambda: accounts.people_by_state(by),
    ):
        with pytest.raises(NotAllowed):
            look()


# -- the last administrator


def test_the_last_admin_cannot_be_blocked(accounts: Accounts, boss: Actor) -> None:
    assert boss.id is not None
    with pytest.raises(NotAllowed, match="only administrator"):
        accounts.block(boss.id, by=SYSTEM)
    other = accounts.create_user("other", "admin", GOOD)
    accounts.block(other, by=boss)
    # Who is blocked runs nothing, so the other one is the last again.
    with pytest.raises(NotAllowed, match="only administrator"):
        accounts.set_role(boss.id, "editor", by=boss)
    assert accounts.list_users()[0].role == "admin"


def test_two_admins_who_demote_each_other_at_once(
    store: PrivateStore, config: Config, clock: Clock, tmp_path: Path
) -> None:
    """One of them stays, whoever comes first, in whatever process."""
    for n in range(10):
        accounts = Accounts(store, config, clock)
        there = PrivateStore(tmp_path / "private.db")
        other = Accounts(there, config, clock)
        one, two = (
            accounts.create_user(f"{name} {n}", "admin", GOOD)
            for name in ("one", "two")
        )
        for row in accounts.list_users():
            if row.role == "admin" and row.id not in (one, two):
                accounts.set_role(row.id, "editor")
        start = threading.Barrier(2)

        def demote(
            where: Accounts, whom: int, by: int, start: threading.Barrier = start
        ) -> None:
            start.wait()
            with contextlib.suppress(NotAllowed):
                where.set_role(whom, "editor", by=person(by, "x", "admin"))

        threads = [
            threading.Thread(target=demote, args=(accounts, two, one)),
            threading.Thread(target=demote, args=(other, one, two)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(store.admins()) == 1
        there.close()


def test_a_right_that_was_taken_meanwhile_counts_no_more(
    accounts: Accounts, boss: Actor, ana: int
) -> None:
    """The request began as an administrator's; when it writes, it is none."""
    second = accounts.create_user("second", "admin", GOOD)
    stale = person(second, "second", "admin")
    accounts.set_role(second, "editor", by=boss)
    for act in (
        lambda: accounts.set_role(ana, "admin", by=stale),
        lambda: accounts.set_groups(ana, ["x"], by=stale),
        lambda: accounts.close_user(ana, by=stale),
        lambda: accounts.create_user("cy", "admin", by=stale),
        lambda: accounts.block(ana, by=stale),
        lambda: accounts.sign_out_everywhere(ana, by=stale),
        lambda: accounts.second_step_off(ana, by=stale),
        lambda: accounts.remove_user(ana, by=stale),
        lambda: accounts.groups.add("x", by=stale),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert accounts.person(boss, ana).user.role == "editor"


# -- blocking


def test_blocking_counts_at_once_in_every_process(
    accounts: Accounts,
    boss: Actor,
    ana: int,
    config: Config,
    clock: Clock,
    tmp_path: Path,
) -> None:
    there = PrivateStore(tmp_path / "private.db")
    other = Accounts(there, config, clock)
    secret = accounts.sign_in("ana", GOOD)
    assert not actor(other, secret).blocked
    accounts.block(ana, by=boss)
    for where in (accounts, other):
        found = actor(where, secret)
        assert found.blocked
        assert found.sees == {"public", "members"}
        assert not found.at_least("editor")
        assert where.is_blocked(ana)
    other.unblock(ana, by=boss)
    assert actor(accounts, secret).role == "editor"
    assert not accounts.is_blocked(ana)
    there.close()


def test_a_blocked_person_can_sign_in_and_read(
    accounts: Accounts, boss: Actor, ana: int
) -> None:
    accounts.set_groups(ana, ["tenants"])
    accounts.block(ana, by=boss)
    found = actor(accounts, accounts.sign_in("ana", GOOD))
    assert "group:tenants" in (found.sees or ())
    with pytest.raises(Blocked):
        accounts.rename_user(found, "Anna")


@pytest.mark.parametrize(
    ("role", "other", "may"),
    [
        ("admin", "admin", True),
        ("admin", "member", True),
        ("moderator", "editor", True),
        ("moderator", "member", True),
        ("moderator", "moderator", False),
        ("moderator", "admin", False),
        ("editor", "member", False),
        ("member", "member", False),
    ],
)
def test_who_may_block_whom(
    accounts: Accounts, boss: Actor, role: str, other: str, may: bool
) -> None:
    by = person(accounts.create_user("by", role), "by", role)
    whom = accounts.create_user("whom", other)
    assert accounts.may_block(by, whom) is may
    for act in (accounts.block, accounts.unblock):
        if may:
            act(whom, by=by)
        else:
            with pytest.raises(NotAllowed):
                act(whom, by=by)
    assert not accounts.may_block(by, by.id or 0)
    with pytest.raises(NotAllowed):
        accounts.block(by.id or 0, by=by)


# -- roles and names


def test_nobody_gives_a_role_above_their_own(  # R14
    accounts: Accounts, boss: Actor, ana: int
) -> None:
    for role in ("owner", "", "visitor", "ADMIN"):
        with pytest.raises(BadRequest):
            accounts.set_role(ana, role, by=boss)
    by = person(accounts.create_user("mo", "moderator"), "mo", "moderator")
    with pytest.raises(NotAllowed):
        accounts.create_user("cy", "admin", by=by)


def test_another_name_is_what_one_signs_in_with(accounts: Accounts, ana: int) -> None:
    ana_there = actor(accounts, accounts.sign_in("ana", GOOD))
    assert accounts.rename_user(ana_there, " River  Fox ") == "River Fox"
    assert actor(accounts, accounts.sign_in("RIVER FOX", GOOD)).name == "River Fox"
    accounts.create_user("Ana", "member", GOOD)
    for taken in ("ana", "ＡＮＡ"):
        with pytest.raises(AccountTaken):
            accounts.rename_user(ana_there, taken)
    with pytest.raises(BadName):
        accounts.rename_user(ana_there, "(wiki)")
    assert accounts.rename_user(ana_there, "RIVER fox") == "RIVER fox"


def test_the_log_calls_people_by_their_name(
    accounts: Accounts, boss: Actor, ana: int
) -> None:
    accounts.set_role(ana, "moderator", by=boss)
    accounts.groups.add("press", by=boss)
    accounts.groups.put_in("press", ana, by=boss)
    accounts.rename_user(person(ana, "Ana", "moderator"), "Fox")
    told = accounts.audit.acts()
    assert "Ana" not in repr(told)
    assert [it.kind for it in accounts.audit.acts(person="FOX")] == [
        "account.renamed",
        "group.joined",
        "account.role",
        "account.made",
    ]


def test_each_act_is_in_the_log(accounts: Accounts, boss: Actor, ana: int) -> None:
    before = accounts.audit.acts(limit=1)[0].id
    accounts.set_role(ana, "moderator", by=boss)
    accounts.set_role(ana, "moderator", by=boss)
    accounts.set_groups(ana, ["press"], by=boss)
    accounts.block(ana, by=boss)
    accounts.block(ana, by=boss)
    accounts.unblock(ana, by=boss)
    accounts.sign_out_everywhere(ana, by=boss)
    accounts.close_user(ana, by=boss)
    told = [it for it in accounts.audit.acts() if it.id > before]
    assert [it.kind for it in reversed(told)] == [
        "account.role",
        "group.made",
        "account.groups",
        "account.blocked",
        "account.unblocked",
        "account.sessions",
        "account.closed",
    ]
    assert {it.actor for it in told} == {"chief"}
