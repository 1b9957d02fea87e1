"""Passkeys: a door that only its owner's device opens."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wiki.accounts import Accounts
from wiki.accounts.passkeys import MOST_PASSKEYS, Party
from wiki.config import AccessRules, Config
from wiki.errors import (
    BadRequest,
    NotAllowed,
    NotFound,
    ProofNeeded,
    SignInFailed,
    WikiError,
)
from wiki.model.actor import Actor
from wiki.store.private import PrivateStore

from .authenticator import PRESENT, Authenticator
from .people import GOOD, MINUTE, OTHER, Clock, actor

PARTY = Party("wiki.example.org", "https://wiki.example.org")


def add(accounts: Accounts, name: str, device: Authenticator) -> Actor:
    """Add a passkey to somebody's account; return them."""
    session = accounts.sign_in(name, GOOD)
    me = actor(accounts, session)
    options = accounts.new_passkey_options(me, "", session, PARTY)
    accounts.add_passkey(me, device.create(options), PARTY, "My phone")
    return me


def enter(accounts: Accounts, device: Authenticator, **client: Any) -> str:
    answer = device.get(accounts.passkey_options(PARTY), **client)
    return accounts.sign_in_with_passkey(answer, PARTY)


@pytest.fixture
def phone() -> Authenticator:
    return Authenticator()


@pytest.fixture
def me(accounts: Accounts, ana: int, phone: Authenticator) -> Actor:
    """Ana, who has a passkey on her phone."""
    return add(accounts, "ana", phone)


def test_a_passkey_signs_in_without_a_name(
    accounts: Accounts, me: Actor, phone: Authenticator, clock: Clock
) -> None:
    assert actor(accounts, enter(accounts, phone)).id == me.id
    (row,) = accounts.passkeys.of(me.id or 0)
    assert (row.label, row.used_day) == ("My phone", clock.ms // 86_400_000)
    acts = [act.kind for act in accounts.audit.acts()]
    assert acts.count("account.passkey") == 1


def test_options_ask_for_the_lock_and_name_nobody(
    accounts: Accounts, me: Actor
) -> None:
    options = json.loads(accounts.passkey_options(PARTY))
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials")
    assert options["rpId"] == PARTY.host


def test_r14_wrong_passwords_of_others_stop_no_passkey(
    accounts: Accounts, me: Actor, phone: Authenticator
) -> None:  # R14
    for _ in range(5):
        with pytest.raises(SignInFailed):
            accounts.sign_in("ana", OTHER)
    assert enter(accounts, phone)


def test_a_challenge_works_once(
    accounts: Accounts, me: Actor, phone: Authenticator
) -> None:
    answer = phone.get(accounts.passkey_options(PARTY))
    assert accounts.sign_in_with_passkey(answer, PARTY)
    with pytest.raises(BadRequest, match="sent twice"):
        accounts.sign_in_with_passkey(answer, PARTY)


def test_a_refused_answer_uses_its_challenge_up(
    accounts: Accounts, me: Actor, phone: Authenticator
) -> None:
    options = accounts.passkey_options(PARTY)
    thief = replace(phone, key=Authenticator().key)
    with pytest.raises(SignInFailed, match="not accepted"):
        accounts.sign_in_with_passkey(thief.get(options), PARTY)
    with pytest.raises(BadRequest, match="sent twice"):
        accounts.sign_in_with_passkey(phone.get(options), PARTY)


def test_a_challenge_is_good_for_five_minutes(
    accounts: Accounts, me: Actor, phone: Authenticator, clock: Clock
) -> None:
    answer = phone.get(accounts.passkey_options(PARTY))
    clock.ms += 5 * MINUTE
    with pytest.raises(BadRequest, match="too long"):
        accounts.sign_in_with_passkey(answer, PARTY)


def test_a_challenge_of_our_own_making_is_none(
    accounts: Accounts, me: Actor, phone: Authenticator
) -> None:
    options = json.dumps({"challenge": "b3duIG1ha2luZw"})
    with pytest.raises(BadRequest, match="too long"):
        accounts.sign_in_with_passkey(phone.get(options), PARTY)


def test_challenges_of_one_kind_are_none_of_another(
    accounts: Accounts, me: Actor, phone: Authenticator
) -> None:
    session = accounts.sign_in("ana", GOOD)
    to_add = accounts.new_passkey_options(me, "", session, PARTY)
    with pytest.raises(BadRequest):
        accounts.sign_in_with_passkey(phone.get(to_add), PARTY)
    link = json.dumps({"challenge": accounts.link_for(me.id or 0)})
    with pytest.raises(BadRequest):
        accounts.sign_in_with_passkey(phone.get(link), PARTY)


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://wiki.example.org"},
        {"host": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0},
        {"handle": b"person-999"},
        {"key_id": b"unknown"},
    ],
    ids=str,
)
def test_answers_that_are_refused(
    accounts: Accounts, me: Actor, phone: Authenticator, change: dict[str, Any]
) -> None:
    with pytest.raises(SignInFailed) as refused:
        enter(accounts, replace(phone, **change))
    assert "not accepted" in str(refused.value)


def test_a_copied_passkey_is_noticed(
    accounts: Accounts, me: Actor, phone: Authenticator
) -> None:
    copy = replace(phone)
    enter(accounts, phone)
    enter(accounts, phone)
    with pytest.raises(SignInFailed):
        enter(accounts, copy)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "null",
        "[]",
        "{}",
        "[" * 5000,
        '{"response": []}',
        '{"response": {"clientDataJSON": 7}}',
        '{"response": {"clientDataJSON": "bnVsbA"}}',
        '{"response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiA3fQ"}}',
        '{"response": {"clientDataJSON": "é"}}',
        "x" * 100_000,
    ],
    ids=lambda text: text[:30],
)
def test_answers_that_are_none(accounts: Accounts, me: Actor, answer: str) -> None:
    for act in (
        lambda: accounts.sign_in_with_passkey(answer, PARTY),
        lambda: accounts.add_passkey(me, answer, PARTY, ""),
    ):
        with pytest.raises(BadRequest, match="not accepted"):
            act()


def test_a_passkey_belongs_to_one_account(
    accounts: Accounts, me: Actor, phone: Authenticator
) -> None:
    accounts.create_user("Bo", "member", GOOD)
    with pytest.raises(BadRequest, match="belongs to an account already"):
        add(accounts, "bo", replace(phone))


def test_nobody_adds_with_the_challenge_of_another(
    accounts: Accounts, me: Actor
) -> None:
    bo = accounts.create_user("Bo", "member", GOOD)
    session = accounts.sign_in("ana", GOOD)
    options = accounts.new_passkey_options(me, "", session, PARTY)
    stranger = actor(accounts, accounts.sign_in("bo", GOOD))
    device = Authenticator(key_id=b"other")
    with pytest.raises(BadRequest):
        accounts.add_passkey(stranger, device.create(options), PARTY, "")
    assert accounts.passkeys.of(bo) == []


def test_nobody_removes_the_passkey_of_another(
    accounts: Accounts, me: Actor, phone: Authenticator
) -> None:
    accounts.create_user("Bo", "member", GOOD)
    session = accounts.sign_in("bo", GOOD)
    with pytest.raises(NotFound):
        accounts.remove_passkey(actor(accounts, session), phone.key_id, "", session)
    assert enter(accounts, phone)


def test_a_removed_passkey_opens_nothing(
    accounts: Accounts, me: Actor, phone: Authenticator
) -> None:
    session = accounts.sign_in("ana", GOOD)
    accounts.remove_passkey(me, phone.key_id, "", session)
    with pytest.raises(SignInFailed):
        enter(accounts, phone)


def test_adding_one_needs_a_proof_later_on(
    accounts: Accounts, me: Actor, clock: Clock
) -> None:
    session = accounts.sign_in("ana", GOOD)
    clock.ms += 15 * MINUTE
    with pytest.raises(ProofNeeded, match="signed in a while ago"):
        accounts.new_passkey_options(me, "", session, PARTY)
    with pytest.raises(SignInFailed, match="neither your password nor a code"):
        accounts.new_passkey_options(me, OTHER, session, PARTY)
    assert accounts.new_passkey_options(me, GOOD, session, PARTY)


def test_an_account_has_at_most_twenty(accounts: Accounts, me: Actor) -> None:
    for n in range(1, MOST_PASSKEYS):
        add(accounts, "ana", Authenticator(key_id=b"key %d" % n))
    with pytest.raises(NotAllowed, match="at most 20"):
        add(accounts, "ana", Authenticator(key_id=b"one more"))


def test_closed_and_waiting_accounts_stay_out(
    accounts: Accounts, me: Actor, phone: Authenticator, store: PrivateStore
) -> None:
    with store.writing() as at:
        store.change_user(at, me.id or 0, waiting=1)
    with pytest.raises(NotAllowed, match="waits for an administrator"):
        enter(accounts, phone)
    with store.writing() as at:
        store.change_user(at, me.id or 0, waiting=None)
    accounts.close_user(me.id or 0)
    with pytest.raises(SignInFailed):
        enter(accounts, phone)
    # What opens nothing any more is not kept.
    assert accounts.passkeys.of(me.id or 0) == []


def test_passkeys_can_be_switched_off(
    store: PrivateStore, tmp_path: Path, clock: Clock, me: Actor, phone: Authenticator
) -> None:
    config = Config(tmp_path, access=AccessRules(passkeys=False))
    off = Accounts(store, config, clock)
    assert not off.passkeys_on()
    session = off.sign_in("ana", GOOD)
    for act in (
        lambda: off.passkey_options(PARTY),
        lambda: off.sign_in_with_passkey("{}", PARTY),
        lambda: off.new_passkey_options(me, "", session, PARTY),
        lambda: off.add_passkey(me, "{}", PARTY, ""),
    ):
        with pytest.raises(NotAllowed, match="switched off"):
            act()


def test_without_the_extra_nothing_breaks(
    accounts: Accounts, me: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wiki.accounts.passkeys.webauthn", None)
    assert not accounts.passkeys_on()
    assert accounts.sign_in("ana", GOOD)
    with pytest.raises(WikiError):
        accounts.passkey_options(PARTY)
