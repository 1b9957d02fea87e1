"""Passwords: which are taken, and how they are changed."""

from __future__ import annotations

import pytest

from wiki.accounts import Accounts
from wiki.accounts.passwords import check_new
from wiki.errors import (
    LinkOver,
    NotAllowed,
    NotValid,
    SignInFailed,
)
from wiki.model.actor import Actor, person

from .people import GOOD, MINUTE, OTHER, Clock, actor


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
