"""Joining: invitations, open registration, asking, waiting."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wiki.accounts import Accounts
from wiki.accounts.credentials import DAY_MS, hashed
from wiki.accounts.invitations import NameUnusable
from wiki.accounts.joining import Application, WaitingFull
from wiki.config import AccessRules, Config, Mail, Site
from wiki.errors import (
    BadRequest,
    LinkOver,
    NotAllowed,
    NotFound,
    NotValid,
    TooMany,
)
from wiki.model.actor import SYSTEM, Actor, person
from wiki.store.private import PrivateStore

from .people import GOOD, Clock, actor, admin

FORM = Application("Bo Li", GOOD)


def someone(accounts: Accounts, name: str, role: str, *stewarded: str) -> Actor:
    """Return a new person who looks after groups."""
    user_id = accounts.create_user(name, role, GOOD)
    for group in stewarded:
        accounts.groups.put_in(group, user_id)
        accounts.groups.set_steward(group, user_id, True)
    return person(user_id, name, role, frozenset(stewarded))


@pytest.fixture
def groups(accounts: Accounts) -> None:
    for name in ("press", "board"):
        accounts.groups.add(name)


@pytest.fixture
def joinable(
    store: PrivateStore, config: Config, clock: Clock
) -> Callable[..., Accounts]:
    """Return ``joinable(**access)``: the same accounts with other settings."""

    def made(**access: Any) -> Accounts:
        rules = Mail(url="smtp://127.0.0.1:25", from_="wiki@example.org")
        changed = replace(config, access=AccessRules(**access), mail=rules)
        return Accounts(store, changed, clock)

    return made


# -- invitations


def test_joining(accounts: Accounts, groups: None) -> None:
    by = admin(accounts)
    link = accounts.invite(by, "editor", ["press"])
    row = accounts.invited(link)
    assert (row.role, row.groups) == ("editor", {"press"})
    found = actor(accounts, accounts.join(link, " Bo  Li ", GOOD))
    assert (found.name, found.role, found.groups) == ("Bo Li", "editor", {"press"})
    with pytest.raises(LinkOver):
        accounts.join(link, "Cy", GOOD)
    kinds = [(act.actor, act.kind) for act in accounts.audit.acts()]
    assert kinds[:2] == [("Bo Li", "account.joined"), ("chief", "invitation.made")]


def test_an_invitation_survives_a_refused_form(accounts: Accounts, ana: int) -> None:
    link = accounts.invite(SYSTEM, "member")
    with pytest.raises(NotValid):
        accounts.join(link, "Bo", "short")
    for name in ("ANA", "(wiki)", "", "a/b"):
        with pytest.raises(NameUnusable):
            accounts.join(link, name, GOOD)
    assert accounts.join(link, "Bo", GOOD)


def test_taken_names_and_names_not_allowed_read_the_same(  # R14
    accounts: Accounts, ana: int
) -> None:
    link, told = accounts.invite(SYSTEM, "member"), set()
    for name in ("ana", "(wiki)", "x" * 65, "a\u202eb"):
        with pytest.raises(NameUnusable) as refused:
            accounts.join(link, name, GOOD)
        told.add((str(refused.value), refused.value.status, repr(refused.value.params)))
    assert len(told) == 1


@pytest.mark.parametrize("name", ["ana", "(wiki)", "free"])
def test_any_name_costs_one_hash(  # R14
    accounts: Accounts, ana: int, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    link, hashes = accounts.invite(SYSTEM, "member"), []
    plain = accounts._passwords.hash
    monkeypatch.setattr(
        accounts._passwords, "hash", lambda it: hashes.append(it) or plain(it)
    )
    with contextlib.suppress(NameUnusable):
        accounts.join(link, name, GOOD)
    assert len(hashes) == 1


def test_an_invitation_for_many_ends_by_number_and_time(
    accounts: Accounts, clock: Clock
) -> None:
    link = accounts.invite(SYSTEM, "member", uses=2, days=3)
    accounts.join(link, "one", GOOD)
    (row,) = accounts.invitations(SYSTEM)
    assert (row.uses_left, row.maker) == (1, "")
    clock.ms += 3 * DAY_MS
    assert accounts.invitations(SYSTEM) == []
    with pytest.raises(LinkOver):
        accounts.join(link, "two", GOOD)


@pytest.mark.parametrize(
    ("role", "wanted", "error"),
    [
        ("moderator", "admin", NotAllowed),
        ("editor", "member", NotAllowed),
        ("member", "member", NotAllowed),
        ("moderator", "visitor", BadRequest),
        ("moderator", "root", BadRequest),
    ],
)
def test_nobody_grants_above_their_own_role(  # R14
    accounts: Accounts, role: str, wanted: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        accounts.invite(someone(accounts, "x", role), wanted)
    assert accounts.invitations(SYSTEM) == []


@pytest.mark.parametrize(
    ("uses", "days"), [(0, 7), (501, 7), (1, 0), (1, 366), (-1, 7)]
)
def test_numbers_that_are_refused(accounts: Accounts, uses: int, days: int) -> None:
    with pytest.raises(BadRequest):
        accounts.invite(SYSTEM, "member", uses=uses, days=days)


def test_visitors_and_programs_do_not_invite(accounts: Accounts, ana: int) -> None:
    boss = admin(accounts)
    token = accounts.token(accounts.make_token(boss.id or 0, ["admin"]))
    assert token
    for by in (Actor(), token, person(999, "gone", "admin")):
        with pytest.raises((NotAllowed, NotFound)):
            accounts.invite(by, "member")


def test_groups_are_given_by_their_stewards_and_administrators(  # P4
    accounts: Accounts, groups: None
) -> None:
    mo = someone(accounts, "mo", "moderator", "press")
    assert accounts.offer(mo).groups == ("press",)
    assert accounts.invite(mo, "editor", ["press"])
    for wanted in (["board"], ["press", "board"], ["Members"], ["nothing"]):
        with pytest.raises(NotAllowed):
            accounts.invite(mo, "editor", wanted)
    inside = someone(accounts, "in", "moderator")
    accounts.groups.put_in("board", inside.id or 0)
    with pytest.raises(NotAllowed):
        accounts.invite(inside, "member", ["board"])
    assert accounts.offer(admin(accounts)).groups == ("board", "press")
    with pytest.raises(NotAllowed):
        accounts.invite(SYSTEM, "member", ["nothing"])


def test_a_steward_invites_into_the_own_group_only(
    accounts: Accounts, groups: None
) -> None:
    cy = someone(accounts, "cy", "editor", "press")
    assert accounts.offer(cy).roles == ("member", "editor")
    with pytest.raises(BadRequest):
        accounts.invite(cy, "member")
    with pytest.raises(NotAllowed):
        accounts.invite(cy, "moderator", ["press"])
    link = accounts.invite(cy, "editor", ["press"])
    accounts.groups.set_steward("press", cy.id or 0, False)
    with pytest.raises(LinkOver):
        accounts.invited(link)


def test_an_invitation_is_worth_what_its_maker_is(
    accounts: Accounts, groups: None
) -> None:
    mo = someone(accounts, "mo", "moderator", "press")
    first, second, third = (
        accounts.invite(mo, *it)
        for it in (("moderator",), ("member", ["press"]), ("member",))
    )
    accounts.groups.take_out("press", mo.id or 0)
    with pytest.raises(LinkOver):
        accounts.join(second, "x", GOOD)
    boss = admin(accounts)
    accounts.block(mo.id or 0, by=boss)
    with pytest.raises(LinkOver):
        accounts.invited(third)
    accounts.unblock(mo.id or 0, by=boss)
    assert accounts.invited(third)
    accounts.set_role(mo.id or 0, "editor")
    with pytest.raises(LinkOver):
        accounts.invited(first)


def test_invitations_are_seen_and_ended_by_who_may(accounts: Accounts) -> None:
    mo, other = (someone(accounts, it, "moderator") for it in ("mo", "other"))
    boss = admin(accounts)
    link = accounts.invite(mo, "member", label="  for the\n spring  meeting ")
    accounts.invite(boss, "editor")
    (row,) = accounts.invitations(mo)
    assert (row.label, row.maker) == ("for the spring meeting", "mo")
    assert accounts.invitations(other) == []
    assert len(accounts.invitations(boss)) == 2
    assert len(accounts.invitations(boss, own=True)) == 1
    with pytest.raises(LinkOver):
        accounts.end_invitation(other, row.hash)
    assert accounts.invited(link)
    accounts.end_invitation(mo, row.hash)
    with pytest.raises(LinkOver):
        accounts.join(link, "Bo", GOOD)
    with pytest.raises(LinkOver):
        accounts.end_invitation(mo, row.hash)
    assert accounts.audit.acts()[0].kind == "invitation.ended"
    accounts.end_invitation(boss, accounts.invitations(boss)[0].hash)


def test_a_link_of_another_kind_is_no_invitation_to_end(
    accounts: Accounts, ana: int, store: PrivateStore
) -> None:
    link = accounts.link_for(ana)
    with pytest.raises(LinkOver):
        accounts.end_invitation(SYSTEM, hashed(link))
    assert accounts.follow_link(link)


def test_a_closed_wiki_takes_nobody(
    accounts: Accounts, joinable: Callable[..., Accounts]
) -> None:
    link = accounts.invite(SYSTEM, "member")
    closed = joinable(join="closed")
    with pytest.raises(NotAllowed):
        closed.invite(SYSTEM, "member")
    with pytest.raises(LinkOver):
        closed.join(link, "Bo", GOOD)
    with pytest.raises(NotAllowed):
        closed.apply(FORM)


def test_two_join_with_one_invitation_one_gets_in(accounts: Accounts) -> None:
    link = accounts.invite(SYSTEM, "member")
    outcomes: list[str] = []

    def join(name: str) -> None:
        try:
            accounts.join(link, name, GOOD)
            outcomes.append("in")
        except LinkOver:
            outcomes.append("over")

    threads = [threading.Thread(target=join, args=(f"n{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", "over", "over", "over"]


def _join(folder: str, link: str, name: str, barrier: Any, out: Any) -> None:
    path = Path(folder)
    store = PrivateStore(path / "private.db")
    accounts = Accounts(store, Config(path, site=Site(title="River Union")))
    barrier.wait()
    try:
        accounts.join(link, name, GOOD)
        out.put("in")
    except LinkOver:
        out.put("over")
    accounts.close()


def test_two_processes_share_one_last_use(store: PrivateStore, config: Config) -> None:
    link = Accounts(store, config).invite(SYSTEM, "member", uses=2)
    context = multiprocessing.get_context("spawn")
    barrier, out = context.Barrier(3), context.Queue()
    folder = str(store.path.parent)
    started = [
        context.Process(target=_join, args=(folder, link, f"n{i}", barrier, out))
        for i in range(3)
    ]
    for process in started:
        process.start()
    assert sorted(out.get(timeout=60) for _ in started) == ["in", "in", "over"]
    for process in started:
        process.join()
        assert process.exitcode == 0


# -- by oneself


def test_nobody_joins_by_themselves_unless_they_may(accounts: Accounts) -> None:
    assert accounts.join_mode == ""
    with pytest.raises(NotAllowed):
        accounts.apply(FORM)
    assert accounts.list_users() == []


@pytest.mark.parametrize("role", ["member", "editor"])
def test_an_open_wiki_lets_people_in(
    joinable: Callable[..., Accounts], role: str
) -> None:
    accounts = joinable(join="open", join_role=role)
    secret = accounts.apply(FORM)
    assert secret
    found = actor(accounts, secret)
    assert (found.name, found.role, found.groups) == ("Bo Li", role, frozenset())
    assert accounts.audit.acts()[0].kind == "account.opened"
    assert accounts.sign_in("bo li", GOOD)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (replace(FORM, name="ana"), NameUnusable),
        (replace(FORM, name="(wiki)"), NameUnusable),
        (replace(FORM, password="short"), NotValid),
        (replace(FORM, password="password1"), NotValid),
        (replace(FORM, about="x" * 501), NotValid),
        (replace(FORM, email="no address"), NotValid),
    ],
)
@pytest.mark.parametrize("mode", ["open", "approve"])
def test_forms_that_are_refused(
    joinable: Callable[..., Accounts],
    ana: int,
    mode: str,
    form: Application,
    error: type[Exception],
) -> None:
    accounts = joinable(join=mode)
    with pytest.raises(error):
        accounts.apply(form, "192.0.2.1")
    assert [user.name for user in accounts.list_users()] == ["Ana"]


def test_five_accounts_an_hour_from_one_network(
    joinable: Callable[..., Accounts],
) -> None:
    accounts = joinable(join="open")
    for n in range(5):
        assert accounts.apply(replace(FORM, name=f"n{n}"), f"2001:db8::{n}")
    with pytest.raises(TooMany) as refused:
        accounts.apply(replace(FORM, name="n5"), "2001:db8::ffff")
    assert "minutes" in str(refused.value)
    assert accounts.apply(replace(FORM, name="n5"), "198.51.100.7")
    assert len(accounts.list_users()) == 6


def test_names_cannot_be_tried_without_end(
    joinable: Callable[..., Accounts], ana: int
) -> None:
    accounts = joinable(join="open")
    for _ in range(30):
        with pytest.raises(NameUnusable):
            accounts.apply(replace(FORM, name="ana"), "192.0.2.1")
    with pytest.raises(TooMany):
        accounts.apply(FORM, "192.0.2.1")


def test_networks_are_not_kept_in_the_clear(  # P1
    joinable: Callable[..., Accounts], store: PrivateStore
) -> None:
    accounts = joinable(join="open")
    accounts.apply(FORM, "203.0.113.77")
    assert "203.0.113.77" not in repr(vars(accounts._arrivals._limiter.storage))
    accounts.close()
    for path in store.path.parent.rglob("*"):
        assert not path.is_file() or b"203.0.113.77" not in path.read_bytes()


# -- asking and waiting


def test_whoever_asks_waits_and_is_let_in(joinable: Callable[..., Accounts]) -> None:
    accounts = joinable(join="approve")
    boss = admin(accounts)
    about = "Mara sent me.\r\nI bake.\x00"
    assert accounts.apply(replace(FORM, about=about, email="bo@example.org")) is None
    (row,) = accounts.list_waiting(boss)
    assert (row.name, row.asked) == ("Bo Li", "Mara sent me.\nI bake.")
    assert accounts.count_waiting() == 1
    with pytest.raises(NotAllowed) as waits:
        accounts.sign_in("bo li", GOOD)
    assert "waits" in str(waits.value)
    assert accounts.let_in(row.id, "editor", by=boss) == "bo@example.org"
    assert actor(accounts, accounts.sign_in("bo li", GOOD)).role == "editor"
    assert accounts.list_waiting(boss) == []
    kinds = [act.kind for act in accounts.audit.acts()]
    assert kinds[:2] == ["account.let_in", "account.asked"]
    with pytest.raises(NotFound):
        accounts.let_in(row.id, "admin", by=boss)


def test_whoever_waits_is_nobody_yet(joinable: Callable[..., Accounts]) -> None:
    accounts = joinable(join="approve", join_role="editor")
    boss = admin(accounts)
    accounts.apply(FORM)
    (row,) = accounts.list_waiting(boss)
    link = accounts.link_for(row.id)
    with pytest.raises(LinkOver):
        accounts.follow_link(link)
    assert accounts.token(accounts.make_token(row.id, ["read"])) is None
    # A wrong password learns nothing of it.
    with pytest.raises(Exception, match="do not belong together"):
        accounts.sign_in("bo li", "another password")


def test_whoever_is_refused_is_forgotten(joinable: Callable[..., Accounts]) -> None:
    accounts = joinable(join="approve")
    boss = admin(accounts)
    accounts.apply(replace(FORM, about="canary", email="bo@example.org"))
    (row,) = accounts.list_waiting(boss)
    accounts.refuse(row.id, by=boss)
    assert [user.name for user in accounts.list_users()] == ["chief"]
    with pytest.raises(NotFound):
        accounts.refuse(row.id, by=boss)
    # The name is free again.
    assert accounts.apply(FORM) is None


def test_only_administrators_decide(joinable: Callable[..., Accounts]) -> None:
    accounts = joinable(join="approve")
    boss, mo = admin(accounts), someone(accounts, "mo", "moderator")
    accounts.apply(FORM)
    (row,) = accounts.list_waiting(boss)
    for act in (
        lambda: accounts.list_waiting(mo),
        lambda: accounts.let_in(row.id, by=mo),
        lambda: accounts.refuse(row.id, by=mo),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(BadRequest):
        accounts.let_in(row.id, "root", by=boss)
    # An account that does not wait is not refused, so nobody is removed that way.
    with pytest.raises(NotFound):
        accounts.refuse(mo.id or 0, by=boss)
    assert accounts.let_in(row.id, by=boss) == ""


def test_no_more_than_two_hundred_wait(
    joinable: Callable[..., Accounts], monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = joinable(join="approve")
    with accounts._store.writing() as at:
        for n in range(200):
            accounts._add_applicant(at, replace(FORM, name=f"n{n}"), None, waits=True)
    with pytest.raises(WaitingFull):
        accounts.apply(FORM, "192.0.2.1")
    boss = admin(accounts)
    accounts.refuse(accounts.list_waiting(boss)[0].id, by=boss)
    assert accounts.apply(FORM, "192.0.2.1") is None


def test_fields_that_the_form_does_not_show_are_not_kept(  # R14
    store: PrivateStore, config: Config, clock: Clock
) -> None:
    access = AccessRules(join="open")
    accounts = Accounts(store, replace(config, access=access), clock)
    form = replace(FORM, about="canary", email="canary@example.org")
    secret = accounts.apply(form)
    assert accounts.own_email(actor(accounts, secret or "")) == ""
    accounts.close()
    for path in store.path.parent.glob("private.db*"):
        assert b"canary" not in path.read_bytes()


def test_where_nobody_has_a_password_none_is_asked_for(
    joinable: Callable[..., Accounts],
) -> None:
    accounts = joinable(
        join="open", password=False, oidc_issuer="https://id.example.org"
    )
    boss = admin(accounts)
    with accounts._store.writing() as at:
        accounts._joining.add_identity(at, "https://id.example.org", "x", boss.id or 0)
    assert not accounts.passwords_on()
    assert accounts.apply(replace(FORM, password=""))
    assert accounts.join(accounts.invite(SYSTEM, "member"), "Cy", "")
    waiting = joinable(
        join="approve", password=False, oidc_issuer="https://id.example.org"
    )
    assert waiting.join_mode == ""


def test_a_request_without_an_answer_is_forgotten(  # P9
    joinable: Callable[..., Accounts], clock: Clock
) -> None:
    accounts = joinable(join="approve")
    accounts.apply(replace(FORM, about="canary"))
    accounts.create_user("Ana", "editor", GOOD)
    clock.ms += 60 * DAY_MS - 1
    accounts.forget_old()
    assert accounts.count_waiting() == 1
    clock.ms += 1
    accounts.forget_old()
    assert [user.name for user in accounts.list_users()] == ["Ana"]
