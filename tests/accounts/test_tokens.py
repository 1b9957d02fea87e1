"""Tokens for programs."""

from __future__ import annotations

from typing import Any

import pytest

from wiki.accounts import Accounts
from wiki.accounts.credentials import DAY_MS
from wiki.errors import (
    BadRequest,
)

from .people import GOOD, Clock


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
