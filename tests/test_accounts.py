"""Accounts: signing in, sessions, links, invitations, passwords, roles, tokens."""

from __future__ import annotations

import multiprocessing
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event

from wiki.accounts import Accounts
from wiki.accounts.attempts import Attempts
from wiki.accounts.credentials import DAY_MS, HOUR_MS
from wiki.accounts.passwords import Passwords, check_new
from wiki.config import AccessRules, Config, Sessions, Site
from wiki.errors import (
    AccountTaken,
    BadName,
    BadRequest,
    Busy,
    LinkOver,
    NotAllowed,
    NotFound,
    NotValid,
    SignInFailed,
    StartError,
    TooManySignIns,
)
from wiki.model.actor import SYSTEM, Actor, person
from wiki.store.private import PrivateStore

GOOD = "correct horse battery"
OTHER = "staple of another kind"
MINUTE = 60_000


class Clock:
    def __init__(self) -> None:
        self.ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path, site=Site(title="River Union"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PrivateStore]:
    store = PrivateStore(tmp_path / "private.db")
    yield store
    store.close()


@pytest.fixture
def accounts(store: PrivateStore, config: Config, clock: Clock) -> Accounts:
    return Accounts(store, config, clock)


@pytest.fixture
def ana(accounts: Accounts) -> int:
    return accounts.create_user("Ana", "editor", GOOD)


def actor(accounts: Accounts, secret: str) -> Actor:
    found = accounts.session(secret)
    assert found is not None
    return found


def admin(accounts: Accounts) -> Actor:
    user_id = accounts.create_user("chief", "admin", GOOD)
    return person(user_id, "chief", "admin")


# -- signing in


def test_sign_in_gives_the_person(accounts: Accounts, ana: int) -> None:
    found = actor(accounts, accounts.sign_in("  aNA ", GOOD))
    assert (found.id, found.name, found.role) == (ana, "Ana", "editor")
    assert found.sees == {"public", "members"}


def test_groups_are_what_the_person_sees(accounts: Accounts) -> None:
    accounts.create_user("Bo", "member", GOOD, ["tenants", "press"])
    found = actor(accounts, accounts.sign_in("bo", GOOD))
    assert found.sees == {"public", "members", "group:tenants", "group:press"}


@pytest.mark.parametrize(
    ("name", "password"),
    [("ana", OTHER), ("nobody", GOOD), ("", ""), ("x" * 9999, "y")],
)
def test_every_failure_reads_the_same(  # R14
    accounts: Accounts, ana: int, name: str, password: str
) -> None:
    with pytest.raises(SignInFailed) as failed:
        accounts.sign_in(name, password, "192.0.2.1")
    assert str(failed.value) == SignInFailed.sentence
    assert failed.value.status == 401


def test_every_failure_costs_one_hash(  # R14
    accounts: Accounts, ana: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    plain_hash, plain_verify = PasswordHasher.hash, PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher, "hash", lambda *a: calls.append("hash") or plain_hash(*a)
    )
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda *a: calls.append("verify") or plain_verify(*a)
    )
    accounts.create_user("linked", "member")
    for name in ("ana", "nobody", "linked"):
        with pytest.raises(SignInFailed):
            accounts.sign_in(name, OTHER)
    assert calls == ["verify", "hash", "hash"]


def test_a_closed_account_is_as_unknown(accounts: Accounts, ana: int) -> None:
    secret = accounts.sign_in("ana", GOOD)
    token = accounts.make_token(ana, ["read"])
    accounts.close_user(ana)
    assert accounts.session(secret) is None
    assert accounts.token(token) is None
    with pytest.raises(SignInFailed):
        accounts.sign_in("ana", GOOD)


def test_five_failures_close_the_door_of_an_account(  # R14
    accounts: Accounts, ana: int
) -> None:
    for _ in range(5):
        with pytest.raises(SignInFailed):
            accounts.sign_in("ana", OTHER)
    with pytest.raises(TooManySignIns) as refused:
        accounts.sign_in("ana", GOOD)
    assert 0 < refused.value.seconds <= 15 * 60
    assert "sign-in link" in str(refused.value)


def test_success_forgets_the_failures(accounts: Accounts, ana: int) -> None:
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(SignInFailed):
                accounts.sign_in("ana", OTHER)
        accounts.sign_in("ana", GOOD)


def test_thirty_failures_close_the_door_of_an_address() -> None:  # R14
    attempts = Attempts()
    for i in range(30):
        attempts.begin(f"name {i}", f"2001:db8:1:2::{i:x}")
        attempts.failed(f"2001:db8:1:2::{i:x}")
    with pytest.raises(TooManySignIns):
        attempts.begin("another", "2001:db8:1:2::ffff")
    attempts.begin("another", "2001:db8:1:3::1")


def test_tries_at_once_are_no_way_around() -> None:
    attempts = Attempts()
    refused: list[bool] = []

    def attempt() -> None:
        try:
            attempts.begin("ana")
            refused.append(False)
        except TooManySignIns:
            refused.append(True)

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused.count(False) == 5


def test_addresses_and_names_are_not_kept_in_the_clear() -> None:  # R18
    attempts = Attempts()
    attempts.begin("Ana Canary", "203.0.113.77")
    attempts.failed("203.0.113.77")
    kept = repr(vars(attempts._limiter.storage))
    assert "203.0.113.77" not in kept
    assert "Canary" not in kept


def test_too_many_hashes_at_once_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wiki.accounts.passwords._WAIT_SECONDS", 0.01)
    passwords = Passwords()
    with (
        passwords.turn(),
        passwords.turn(),
        passwords.turn(),
        passwords.turn(),
        pytest.raises(Busy),
        passwords.turn(),
    ):
        pass


def test_a_weak_hash_is_made_anew(
    accounts: Accounts, store: PrivateStore, ana: int
) -> None:
    weak = PasswordHasher(1, 8 * 1024, 1).hash(GOOD)
    with store.writing() as at:
        store.change_user(at, ana, password=weak)
    accounts.sign_in("ana", GOOD)
    kept = store.password_of(ana) or ""
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    accounts.sign_in("ana", GOOD)


def test_a_password_typed_on_another_keyboard_is_the_same(accounts: Accounts) -> None:
    accounts.create_user("Zoé", "member", "café au lait 12")
    assert accounts.sign_in("Zoe\u0301", "cafe\u0301 au lait 12")


# -- sessions


def test_only_hashes_of_secrets_are_stored(
    accounts: Accounts, ana: int, tmp_path: Path
) -> None:
    secret = accounts.sign_in("ana", GOOD)
    token = accounts.make_token(ana, ["read"])
    link = accounts.link_for(ana)
    accounts.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("private.db*"))
    for one in (secret, token, token.removeprefix("cgw_"), link, GOOD):
        assert one.encode() not in stored
        assert len(secret) >= 43


def test_the_file_is_for_its_owner_only(store: PrivateStore, tmp_path: Path) -> None:
    with store.writing():
        for path in tmp_path.glob("private.db*"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_session_ends_when_idle(  # R15
    accounts: Accounts, ana: int, clock: Clock
) -> None:
    secret = accounts.sign_in("ana", GOOD)
    for _ in range(5):
        clock.ms += 11 * HOUR_MS
        assert accounts.session(secret)
    clock.ms += 12 * HOUR_MS + 1
    assert accounts.session(secret) is None


def test_a_session_in_use_ends_at_last(  # R15
    accounts: Accounts, ana: int, clock: Clock
) -> None:
    secret = accounts.sign_in("ana", GOOD)
    end = clock.ms + 30 * DAY_MS
    while clock.ms + 6 * HOUR_MS < end:
        clock.ms += 6 * HOUR_MS
        assert accounts.session(secret)
    clock.ms = end
    assert accounts.session(secret) is None


def test_a_remembered_session_may_rest(
    accounts: Accounts, ana: int, clock: Clock
) -> None:
    secret = accounts.sign_in("ana", GOOD, remember=True)
    clock.ms += 29 * DAY_MS
    assert accounts.session(secret)
    assert accounts.sessions_of(ana)[0].used_day == clock.ms // DAY_MS
    clock.ms += DAY_MS
    assert accounts.session(secret) is None
    assert accounts.sessions_of(ana) == []


@pytest.mark.parametrize("quiet_minutes", [1, 59, 61, 90])
def test_a_visit_now_and_then_keeps_a_short_session(
    store: PrivateStore, tmp_path: Path, clock: Clock, quiet_minutes: int
) -> None:
    config = Config(tmp_path, sessions=Sessions(idle_hours=2))
    accounts = Accounts(store, config, clock)
    accounts.create_user("Bo", "member", GOOD)
    secret = accounts.sign_in("bo", GOOD)
    for _ in range(40):
        clock.ms += quiet_minutes * MINUTE
        assert accounts.session(secret)


def test_sign_out_ends_it_in_every_process(
    accounts: Accounts, ana: int, config: Config, clock: Clock, tmp_path: Path
) -> None:
    other_store = PrivateStore(tmp_path / "private.db")
    other = Accounts(other_store, config, clock)
    secret = accounts.sign_in("ana", GOOD)
    assert other.session(secret)
    assert other.session(secret)
    accounts.sign_out(secret)
    assert other.session(secret) is None
    assert accounts.session(secret) is None
    other_store.close()


def test_a_new_role_counts_at_once(accounts: Accounts, ana: int) -> None:
    secret = accounts.sign_in("ana", GOOD)
    assert actor(accounts, secret).role == "editor"
    accounts.set_role(ana, "moderator")
    accounts.set_groups(ana, ["press"])
    found = actor(accounts, secret)
    assert (found.role, found.groups) == ("moderator", {"press"})


def statements(store: PrivateStore) -> list[str]:
    """Return a list that every statement from now on is written to."""
    seen: list[str] = []
    event.listen(
        store._db._engine,
        "before_cursor_execute",
        lambda _c, _cur, statement, *_: seen.append(statement),
    )
    return seen


def test_a_session_costs_one_statement_and_then_none(
    accounts: Accounts, ana: int, store: PrivateStore
) -> None:
    secret = accounts.sign_in("ana", GOOD)
    seen = statements(store)
    for _ in range(5):
        assert accounts.session(secret)
    assert len(seen) == 1
    assert accounts.session("unknown") is None
    assert len(seen) == 2


@pytest.mark.parametrize("secret", ["", "x" * 100_000, "\ud800", "cgw_é", "\x00"])
def test_strange_secrets_are_nobody(accounts: Accounts, secret: str) -> None:
    assert accounts.session(secret) is None
    assert accounts.token(secret) is None
    with pytest.raises(LinkOver):
        accounts.follow_link(secret)


def test_other_sessions_can_be_ended(accounts: Accounts, ana: int) -> None:
    here, there = (accounts.sign_in("ana", GOOD) for _ in range(2))
    assert sorted(row.current for row in accounts.sessions_of(ana, here)) == [
        False,
        True,
    ]
    accounts.end_sessions(ana, keep=here)
    assert accounts.session(here)
    assert accounts.session(there) is None
    accounts.end_sessions(ana)
    assert accounts.session(here) is None


# -- the first link


def test_first_link_makes_the_owner_once(accounts: Accounts) -> None:  # R14
    link = accounts.first_link()
    assert link
    owner = actor(accounts, accounts.follow_first_link(link))
    assert (owner.name, owner.role) == ("owner", "admin")
    with pytest.raises(LinkOver):
        accounts.follow_first_link(link)
    again = accounts.first_link()
    assert again
    assert actor(accounts, accounts.follow_first_link(again)).id == owner.id


def test_a_newer_first_link_ends_the_older(accounts: Accounts) -> None:
    older, newer = accounts.first_link(), accounts.first_link()
    with pytest.raises(LinkOver):
        accounts.follow_first_link(older or "")
    assert accounts.follow_first_link(newer or "")


def test_first_link_is_useless_once_an_admin_can_sign_in(  # R14
    accounts: Accounts,
) -> None:
    first = accounts.first_link() or ""
    session = accounts.follow_first_link(first)
    second = accounts.first_link() or ""
    owner = actor(accounts, session)
    accounts.set_name_and_password(owner, "Mara", GOOD, keep=session)
    assert accounts.session(session)
    assert accounts.first_link() is None
    with pytest.raises(LinkOver):
        accounts.follow_first_link(second)
    assert actor(accounts, accounts.sign_in("mara", GOOD)).id == owner.id


def test_owner_gets_a_free_name(accounts: Accounts) -> None:
    accounts.create_user("Owner", "member", GOOD)
    link = accounts.first_link() or ""
    assert actor(accounts, accounts.follow_first_link(link)).name == "owner-2"


def test_old_first_link_is_over(accounts: Accounts, clock: Clock) -> None:
    link = accounts.first_link() or ""
    clock.ms += 7 * DAY_MS
    with pytest.raises(LinkOver):
        accounts.follow_first_link(link)


# -- links and invitations


def test_a_sign_in_link_works_once_and_for_an_hour(
    accounts: Accounts, ana: int, clock: Clock
) -> None:
    link, late = accounts.link_for(ana), accounts.link_for(ana)
    assert actor(accounts, accounts.follow_link(link)).id == ana
    with pytest.raises(LinkOver):
        accounts.follow_link(link)
    clock.ms += 60 * MINUTE
    with pytest.raises(LinkOver):
        accounts.follow_link(late)


def test_links_of_one_kind_are_none_of_another(accounts: Accounts, ana: int) -> None:
    first, invitation = accounts.first_link() or "", accounts.invite(SYSTEM, "member")
    sign_in = accounts.link_for(ana)
    for secret in (first, invitation):
        with pytest.raises(LinkOver):
            accounts.follow_link(secret)
    for secret in (sign_in, first):
        with pytest.raises(LinkOver):
            accounts.join(secret, "Bo", GOOD)
    with pytest.raises(LinkOver):
        accounts.follow_first_link(sign_in)


def test_joining(accounts: Accounts) -> None:
    by = admin(accounts)
    link = accounts.invite(by, "editor", ["press"])
    assert accounts.invited_role(link) == "editor"
    found = actor(accounts, accounts.join(link, " Bo  Li ", GOOD))
    assert (found.name, found.role, found.groups) == ("Bo Li", "editor", {"press"})
    with pytest.raises(LinkOver):
        accounts.join(link, "Cy", GOOD)


def test_an_invitation_survives_a_refused_form(accounts: Accounts, ana: int) -> None:
    link = accounts.invite(SYSTEM, "member")
    with pytest.raises(NotValid):
        accounts.join(link, "Bo", "short")
    with pytest.raises(AccountTaken) as taken:
        accounts.join(link, "ANA", GOOD)
    assert str(taken.value) == "The name “ANA” is taken. Choose another one."
    with pytest.raises(BadName):
        accounts.join(link, "(wiki)", GOOD)
    assert accounts.join(link, "Bo", GOOD)


def test_an_invitation_for_many_ends_by_number_and_time(
    accounts: Accounts, clock: Clock
) -> None:
    link = accounts.invite(SYSTEM, "member", uses=2, days=3)
    accounts.join(link, "one", GOOD)
    clock.ms += 3 * DAY_MS
    with pytest.raises(LinkOver):
        accounts.join(link, "two", GOOD)


@pytest.mark.parametrize(
    ("role", "wanted", "error"),
    [
        ("moderator", "admin", NotAllowed),
        ("editor", "member", NotAllowed),
        ("visitor", "member", NotAllowed),
        ("moderator", "visitor", BadRequest),
        ("moderator", "root", BadRequest),
    ],
)
def test_nobody_grants_above_their_own_role(  # R14
    accounts: Accounts, role: str, wanted: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        accounts.invite(Actor(7, "x", role), wanted)


def test_a_moderator_invites_to_own_groups_only(accounts: Accounts) -> None:
    user_id = accounts.create_user("mo", "moderator", GOOD, ["press"])
    by = person(user_id, "mo", "moderator", frozenset({"press"}))
    assert accounts.invite(by, "editor", ["press"])
    with pytest.raises(NotAllowed):
        accounts.invite(by, "editor", ["board"])
    with pytest.raises(BadName):
        accounts.invite(SYSTEM, "editor", ["Members"])


def test_an_invitation_is_worth_what_its_maker_is(accounts: Accounts) -> None:
    user_id = accounts.create_user("mo", "moderator", GOOD)
    link = accounts.invite(person(user_id, "mo", "moderator"), "moderator")
    accounts.set_role(user_id, "editor")
    with pytest.raises(LinkOver):
        accounts.invited_role(link)


def test_a_closed_wiki_takes_nobody(
    store: PrivateStore, tmp_path: Path, accounts: Accounts, clock: Clock
) -> None:
    link = accounts.invite(SYSTEM, "member")
    closed = Accounts(store, Config(tmp_path, access=AccessRules(join="closed")), clock)
    with pytest.raises(NotAllowed):
        closed.invite(SYSTEM, "member")
    with pytest.raises(LinkOver):
        closed.join(link, "Bo", GOOD)


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


# -- passwords


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("", "short"),
        ("1234567", "short"),
        ("x" * 257, "long"),
        ("password1", "Many people"),
        ("PASS WORD 1", "Many people"),
        ("iloveyou2", "Many people"),
        ("river union", "name"),
        ("Long Account Name", "name"),
        ("bad \ud800 half", "character"),
    ],
)
def test_passwords_that_are_refused(password: str, word: str) -> None:  # R14
    with pytest.raises(NotValid) as refused:
        check_new(password, "long account name", "River Union")
    assert word in str(refused.value)
    assert refused.value.problems[0].field == "password"


@pytest.mark.parametrize(
    "password",
    ["eight ch", "x7" * 128, "пароль для реки", "🌊🌊🌊🌊🌊🌊🌊🌊", "        a"],
)
def test_passwords_that_are_taken(password: str) -> None:
    check_new(password, "Ana", "River Union")


def test_changing_the_password_ends_the_other_sessions(  # R15
    accounts: Accounts, ana: int
) -> None:
    here, there = (accounts.sign_in("ana", GOOD) for _ in range(2))
    link = accounts.link_for(ana)
    me = actor(accounts, here)
    with pytest.raises(SignInFailed) as failed:
        accounts.set_password(me, OTHER, OTHER, keep=here)
    assert "old password" in str(failed.value)
    accounts.set_password(me, GOOD, OTHER, keep=here)
    assert accounts.session(here)
    assert accounts.session(there) is None
    with pytest.raises(LinkOver):
        accounts.follow_link(link)
    with pytest.raises(SignInFailed):
        accounts.sign_in("ana", GOOD)
    assert accounts.sign_in("ana", OTHER)


def test_a_session_by_link_sets_a_password_without_the_old_one(
    accounts: Accounts, ana: int, clock: Clock
) -> None:
    first, second = (
        accounts.follow_link(link)
        for link in (accounts.link_for(ana), accounts.link_for(ana))
    )
    me = actor(accounts, first)
    clock.ms += 60 * MINUTE
    with pytest.raises(SignInFailed):
        accounts.set_password(me, "", OTHER, keep=second)
    third = accounts.follow_link(accounts.link_for(ana))
    accounts.set_password(me, "", OTHER, keep=third)
    assert accounts.sign_in("ana", OTHER)


def test_somebody_elses_link_session_is_no_proof(accounts: Accounts, ana: int) -> None:
    bo = accounts.create_user("bo", "member", GOOD)
    secret = accounts.follow_link(accounts.link_for(bo))
    with pytest.raises(SignInFailed):
        accounts.set_password(person(ana, "Ana", "editor"), "", OTHER, keep=secret)


def test_tokens_and_visitors_set_no_password(accounts: Accounts, ana: int) -> None:
    token = accounts.token(accounts.make_token(ana, ["read", "write", "admin"]))
    for who in (token, Actor()):
        assert who is not None
        with pytest.raises(NotAllowed):
            accounts.set_password(who, GOOD, OTHER)


def test_reset_ends_all_sessions(accounts: Accounts, ana: int) -> None:
    secret = accounts.sign_in("ana", GOOD)
    accounts.reset_password(ana, OTHER)
    assert accounts.session(secret) is None
    assert accounts.sign_in("ana", OTHER)
    with pytest.raises(NotAllowed):
        accounts.reset_password(ana, GOOD, by=person(ana, "Ana", "editor"))


def test_name_and_password_are_set_together_only_once(
    accounts: Accounts, ana: int
) -> None:
    with pytest.raises(NotAllowed):
        accounts.set_name_and_password(person(ana, "Ana", "editor"), "Eva", OTHER)


# -- people


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


# -- tokens


@pytest.mark.parametrize(
    ("scopes", "role", "sees"),
    [
        ({"read"}, "member", {"public", "members", "group:press"}),
        ({"write"}, "moderator", {"public"}),
        ({"read", "write"}, "moderator", {"public", "members", "group:press"}),
        ({"read", "admin"}, "admin", None),
    ],
)
def test_a_token_has_no_more_than_its_scopes(
    accounts: Accounts, scopes: set[str], role: str, sees: Any
) -> None:
    user_id = accounts.create_user("boss", "admin", groups=["press"])
    found = accounts.token(accounts.make_token(user_id, scopes))
    assert found is not None
    assert (found.id, found.role, found.scopes, found.sees) == (
        user_id,
        role,
        scopes,
        sees,
    )


def test_a_token_never_has_more_than_its_owner(accounts: Accounts, ana: int) -> None:
    found = accounts.token(accounts.make_token(ana, ["admin", "write", "read"]))
    assert found is not None
    assert found.role == "editor"


def test_a_token_ends(accounts: Accounts, ana: int, clock: Clock) -> None:
    token, other = (
        accounts.make_token(ana, ["read"]),
        accounts.make_token(ana, ["read"]),
    )
    assert token.startswith("cgw_")
    assert accounts.token(token)
    assert accounts.revoke(ana, token)
    assert not accounts.revoke(ana, token)
    assert accounts.token(token) is None
    (row,) = accounts.tokens_of(ana)
    assert row.used_day is None
    assert not accounts.revoke(ana + 1, row.hash)
    clock.ms += 89 * DAY_MS
    assert accounts.token(other)
    assert accounts.tokens_of(ana)[0].used_day == clock.ms // DAY_MS
    clock.ms += DAY_MS
    assert accounts.token(other) is None


def test_a_token_is_no_session_and_the_other_way(accounts: Accounts, ana: int) -> None:
    token, session = accounts.make_token(ana, ["read"]), accounts.sign_in("ana", GOOD)
    assert accounts.session(token) is None
    assert accounts.token(session) is None


@pytest.mark.parametrize(
    ("scopes", "days"), [((), 90), (("root",), 90), (("read",), 0), (("read",), 366)]
)
def test_tokens_that_are_refused(
    accounts: Accounts, ana: int, scopes: tuple[str, ...], days: int
) -> None:
    with pytest.raises(BadRequest):
        accounts.make_token(ana, scopes, days)


# -- the file


def _open(path: str, barrier: Any, out: Any) -> None:
    barrier.wait()
    store = PrivateStore(Path(path))
    out.put(len(store.users()))
    store.close()


def test_two_first_starts_end_with_one_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, out = context.Barrier(3), context.Queue()
    path = str(tmp_path / "var" / "private.db")
    started = [
        context.Process(target=_open, args=(path, barrier, out)) for _ in range(3)
    ]
    for process in started:
        process.start()
    assert [out.get(timeout=60) for _ in started] == [0, 0, 0]
    for process in started:
        process.join()
        assert process.exitcode == 0


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "private.db"
    broken.write_bytes(b"no database at all" * 100)
    with pytest.raises(StartError, match="damaged"):
        PrivateStore(broken)
    with pytest.raises(StartError, match="cannot be"):
        PrivateStore(Path("/proc/nowhere/private.db"))


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    store = PrivateStore(tmp_path / "private.db")
    with store.writing() as at:
        at.exec_driver_sql("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(StartError, match="newer") as refused:
        PrivateStore(tmp_path / "private.db")
    assert refused.value.exit_code == 4


def test_memory_store_leaves_nothing(config: Config) -> None:
    store = PrivateStore(None)
    folder = store.path.parent
    assert Accounts(store, config).first_link()
    assert folder.exists()
    store.close()
    del store
    assert not os.path.exists(folder)
