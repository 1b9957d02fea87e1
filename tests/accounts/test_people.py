"""Names, roles and groups of accounts."""

from __future__ import annotations

import pytest

from wiki.accounts import Accounts
from wiki.errors import (
    AccountTaken,
    BadName,
    NotAllowed,
    NotFound,
)
from wiki.model.actor import person

from .people import GOOD, admin


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
