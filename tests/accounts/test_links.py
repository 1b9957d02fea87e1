"""Links that sign somebody in, and those to a new password that come by mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pyotp
import pytest

from wiki.accounts import Accounts
from wiki.accounts.credentials import DAY_MS
from wiki.config import Config, Mail
from wiki.errors import (
    LinkOver,
    NotAllowed,
    NotFound,
    NotValid,
    SecondStepNeeded,
    SignInFailed,
    TooMany,
)
from wiki.model.actor import SYSTEM, person
from wiki.store.private import PrivateStore

from .people import GOOD, MINUTE, OTHER, Clock, actor, admin

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


# -- one-time links


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


def test_whose_link_it_is_can_be_asked_again_and_again(
    accounts: Accounts, ana: int
) -> None:
    link = accounts.link_for(ana)
    for _ in range(3):
        assert accounts.whose_link(link) == "Ana"
    assert accounts.follow_link(link)
    for bad in (link, "", "x", "\ud800"):
        with pytest.raises(LinkOver):
            accounts.whose_link(bad)


def test_a_link_is_made_by_administrators_and_noted(
    accounts: Accounts, ana: int
) -> None:
    boss = admin(accounts)
    accounts.link_for(ana, by=boss)
    newest = accounts.audit.acts()[0]
    assert (newest.actor, newest.kind, newest.subject) == (
        "chief",
        "account.link",
        "Ana",
    )
    with pytest.raises(NotAllowed):
        accounts.link_for(ana, by=person(ana, "Ana", "editor"))
    with pytest.raises(NotFound):
        accounts.link_for(999, by=boss)


def test_a_closed_account_has_no_links(accounts: Accounts, ana: int) -> None:
    link = accounts.link_for(ana)
    accounts.close_user(ana)
    with pytest.raises(LinkOver):
        accounts.follow_link(link)
    with pytest.raises(NotFound):
        accounts.link_for(ana)


# -- a new password by mail

Sent = list[tuple[str, str, str]]


@pytest.fixture
def mailing(store: PrivateStore, config: Config, clock: Clock, ana: int) -> Accounts:
    """Accounts of a wiki that sends mail; Ana has an address."""
    rules = Mail(url="smtp://127.0.0.1:25", from_="wiki@example.org")
    accounts = Accounts(store, replace(config, mail=rules), clock)
    accounts.set_email(person(ana, "Ana", "editor"), "Ana@Example.org")
    return accounts


@pytest.fixture
def ask(mailing: Accounts) -> Callable[..., Sent]:
    """Return ``ask(typed)``: what was sent for it, once that is done."""

    def send(typed: str, address: str = "") -> Sent:
        sent: Sent = []
        mailing.ask_for_link(typed, address, lambda *one: sent.append(one))
        mailing.outbox.wait()
        return sent

    return send


@pytest.mark.parametrize(
    "typed", ["ana", " ANA ", "ana@example.org", "ANA@EXAMPLE.ORG "]
)
def test_a_link_to_a_new_password_is_sent(
    mailing: Accounts, ask: Callable[..., Sent], ana: int, typed: str
) -> None:
    ((email, name, secret),) = ask(typed)
    assert (email, name) == ("Ana@Example.org", "Ana")
    session = mailing.follow_link(secret)
    mailing.set_password(actor(mailing, session), "", OTHER, keep=session)
    assert mailing.sign_in("ana", OTHER)
    with pytest.raises(LinkOver):
        mailing.follow_link(secret)


@pytest.mark.parametrize(
    "typed",
    ["nobody", "nobody@example.org", "", "@", "ana@example.org\r\nBcc: x", "bo"],
)
def test_nothing_is_sent_to_nobody(
    mailing: Accounts, ask: Callable[..., Sent], typed: str
) -> None:
    mailing.create_user("Bo", "member", GOOD)
    assert ask(typed) == []


def test_a_link_to_a_new_password_is_too_old_after_an_hour(  # R14
    mailing: Accounts, ask: Callable[..., Sent], clock: Clock
) -> None:
    ((_, _, secret),) = ask("ana")
    clock.ms += 60 * MINUTE
    with pytest.raises(LinkOver):
        mailing.follow_link(secret)


def test_an_account_has_three_such_links_at_most(
    ask: Callable[..., Sent], clock: Clock
) -> None:
    assert [len(ask("ana")) for _ in range(5)] == [1, 1, 1, 0, 0]
    clock.ms += 60 * MINUTE
    assert len(ask("ana")) == 1


def test_a_network_asks_ten_times_an_hour(ask: Callable[..., Sent]) -> None:
    for n in range(10):
        ask(f"nobody {n}", f"2001:db8::{n}")
    with pytest.raises(TooMany):
        ask("ana", "2001:db8::ffff")
    assert ask("ana", "2001:db8:1::1")


def test_a_link_by_mail_is_no_way_around_the_second_step(  # R14
    mailing: Accounts, ask: Callable[..., Sent], ana: int, clock: Clock
) -> None:
    mailing.second_step.begin(ana)
    totp = pyotp.TOTP(mailing.second_step.new_secret_of(ana))
    with mailing._store.writing() as at:
        mailing.second_step.confirm(at, ana, totp.at(clock.ms // 1000))
    ((_, _, secret),) = ask("ana")
    with pytest.raises(SecondStepNeeded) as needed:
        mailing.follow_link(secret)
    with pytest.raises(LinkOver):
        mailing.follow_link(secret)
    clock.ms += 2 * MINUTE
    session = mailing.finish_sign_in(needed.value.key, totp.at(clock.ms // 1000))
    mailing.set_password(actor(mailing, session), "", OTHER, keep=session)
    # An administrator's link is for who lost the phone, too.
    assert mailing.follow_link(mailing.link_for(ana))


def test_an_ordinary_second_step_sets_no_password_without_the_old_one(
    mailing: Accounts, ana: int, clock: Clock
) -> None:
    mailing.second_step.begin(ana)
    totp = pyotp.TOTP(mailing.second_step.new_secret_of(ana))
    with mailing._store.writing() as at:
        mailing.second_step.confirm(at, ana, totp.at(clock.ms // 1000))
    with pytest.raises(SecondStepNeeded) as needed:
        mailing.sign_in("ana", GOOD)
    clock.ms += 2 * MINUTE
    session = mailing.finish_sign_in(needed.value.key, totp.at(clock.ms // 1000))
    with pytest.raises(SignInFailed):
        mailing.set_password(actor(mailing, session), "", OTHER, keep=session)


def test_another_address_ends_the_links_to_the_old_one(
    mailing: Accounts, ask: Callable[..., Sent], ana: int
) -> None:
    ((_, _, secret),) = ask("ana")
    me = person(ana, "Ana", "editor")
    mailing.set_email(me, "other@example.org")
    with pytest.raises(LinkOver):
        mailing.follow_link(secret)
    mailing.set_email(me, "")
    assert mailing.own_email(me) == ""
    assert ask("ana") == ask("other@example.org") == []


@pytest.mark.parametrize(
    "email",
    ["ana", "ana@", "@x", "a b@x.org", "a@x.org\nBcc: b@x.org", "a@x..org", "a@-x.org",
     "<a@x.org>", "a@x.org, b@x.org", "a@x.org\x00", "é@x.org", "a" * 65 + "@x.org",
     "a@" + "x" * 300],
)  # fmt: skip
def test_addresses_that_are_none(mailing: Accounts, ana: int, email: str) -> None:
    me = person(ana, "Ana", "editor")
    with pytest.raises(NotValid) as refused:
        mailing.set_email(me, email)
    assert refused.value.problems[0].field == "email"
    assert mailing.own_email(me) == "Ana@Example.org"


def test_an_address_is_told_to_nobody_else(mailing: Accounts, ana: int) -> None:
    rows = [mailing.list_users(), mailing.people(SYSTEM), mailing.audit.acts()]
    assert "xample.org" not in repr(rows)


def test_closing_forgets_the_address(mailing: Accounts, ana: int) -> None:
    mailing.close_user(ana)
    assert mailing.own_email(person(ana, "Ana", "editor")) == ""
