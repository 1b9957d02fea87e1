"""Passwords, a clock and verbs that the tests of accounts share."""

from __future__ import annotations

from wiki.accounts import Accounts
from wiki.model.actor import Actor, person

GOOD = "correct horse battery"
OTHER = "staple of another kind"
MINUTE = 60_000


class Clock:
    def __init__(self) -> None:
        self.ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.ms


def actor(accounts: Accounts, secret: str) -> Actor:
    found = accounts.session(secret)
    assert found is not None
    return found


def admin(accounts: Accounts) -> Actor:
    user_id = accounts.create_user("chief", "admin", GOOD)
    return person(user_id, "chief", "admin")
