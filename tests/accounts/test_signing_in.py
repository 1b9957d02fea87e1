"""Signing in with a password: who gets in, and who waits."""

from __future__ import annotations

from pathlib import Path

import pytest
from argon2 import PasswordHasher

from wiki.access import CORE, Access
from wiki.accounts import Accounts
from wiki.config import AccessRules, Config
from wiki.errors import (
    NotAllowed,
    SignInFailed,
    TooManySignIns,
)
from wiki.store.memory import MemoryStore
from wiki.store.private import PrivateStore
from wiki.store.private_factors import FactorRows

from .people import GOOD, OTHER, Clock, actor


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
    assert calls == ["verify", "verify", "verify"]


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


# -- accounts that wait, are blocked or have no password


def test_who_waits_is_told_after_the_right_password_only(
    accounts: Accounts, store: PrivateStore, ana: int
) -> None:  # R14
    with store.writing() as at:
        store.change_user(at, ana, waiting=1)
    with pytest.raises(SignInFailed) as wrong:
        accounts.sign_in("ana", OTHER)
    assert str(wrong.value) == SignInFailed.sentence
    with pytest.raises(NotAllowed) as right:
        accounts.sign_in("ana", GOOD)
    assert "waits for an administrator" in str(right.value)


def test_who_waits_has_neither_session_nor_token(
    accounts: Accounts, store: PrivateStore, ana: int
) -> None:
    secret, token = accounts.sign_in("ana", GOOD), accounts.make_token(ana, ["read"])
    with store.writing() as at:
        store.change_user(at, ana, waiting=1)
    assert accounts.session(secret) is None
    assert accounts.token(token) is None


@pytest.mark.parametrize("role", ["member", "editor", "moderator", "admin"])
def test_a_blocked_account_reads_and_no_more(
    accounts: Accounts, store: PrivateStore, role: str
) -> None:  # P18
    user_id = accounts.create_user("Bo", role, GOOD, ["press"])
    token = accounts.make_token(user_id, ["read", "write", "admin"])
    with store.writing() as at:
        store.change_user(at, user_id, blocked=1)
    access = Access(MemoryStore(None, None), members_edit=True)  # type: ignore
    for found in (actor(accounts, accounts.sign_in("bo", GOOD)), accounts.token(token)):
        assert found is not None
        assert (found.role, found.scopes) == ("member", {"read"})
        assert found.sees == {"public", "members", "group:press"}
        allowed = {one.name for one in CORE if access.allows(found, one.name)}
        assert allowed == {"read"}


def test_passwords_can_be_switched_off_where_an_admin_has_another_way(
    store: PrivateStore, tmp_path: Path, clock: Clock
) -> None:
    config = Config(tmp_path, access=AccessRules(password=False))
    accounts = Accounts(store, config, clock)
    boss = accounts.create_user("chief", "admin", GOOD)
    # Nobody would come in any more: the setting waits.
    assert "passwords stay on" in accounts.why_passwords()
    assert accounts.sign_in("chief", GOOD)
    with store.writing() as at:
        FactorRows(store.database).add_passkey(
            at,
            id=b"key",
            user=boss,
            public_key=b"",
            sign_count=0,
            label="",
            created=1,
        )
    assert accounts.why_passwords() == ""
    with pytest.raises(NotAllowed) as refused:
        accounts.sign_in("chief", GOOD)
    assert "passkey" in str(refused.value)
    assert accounts.session(accounts.follow_link(accounts.link_for(boss)))


def test_an_admin_with_a_passkey_needs_it_where_more_is_needed(
    store: PrivateStore, tmp_path: Path, clock: Clock
) -> None:
    config = Config(tmp_path, access=AccessRules(second_factor="admins"))
    accounts = Accounts(store, config, clock)
    boss = accounts.create_user("chief", "admin", GOOD)
    assert accounts.sign_in("chief", GOOD)
    with store.writing() as at:
        FactorRows(store.database).add_passkey(
            at, id=b"k", user=boss, public_key=b"", sign_count=0, label="", created=1
        )
    with pytest.raises(NotAllowed) as refused:
        accounts.sign_in("chief", GOOD)
    assert "Sign in with your passkey" in str(refused.value)
    with pytest.raises(SignInFailed):
        accounts.sign_in("chief", OTHER)
