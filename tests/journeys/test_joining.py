"""Somebody is invited and joins; somebody comes back by a one-time link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


def test_somebody_is_invited_and_joins(
    starter: Any, tab: Callable[..., Any], js: bool
) -> None:
    name = f"Zoë {'with' if js else 'without'} scripts"
    boss = tab(starter, js=js)
    starter.sign_in(boss, f"inviter of {name}", "admin")
    boss.goto("/-/invite")
    boss.get_by_label("Member: read what is for members").check()
    boss.get_by_label("A note for you").fill(f"for {name}")
    boss.get_by_role("button", name="Make an invitation link").click()
    link = boss.get_by_label("Link of the invitation").input_value()
    assert boss.get_by_role("strong").get_by_text(f"for {name}").is_visible()
    guest = tab(starter, js=js)
    guest.goto(link)
    guest.get_by_label("Name to be known by").fill(name)
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_role("button", name="Open my account").click()
    assert guest.locator(".top-account").inner_text().strip() == name
    other = tab(starter, js=js)
    assert other.goto(link).status == 404
    assert other.get_by_text("has been used or is too old").is_visible()
    other.goto("/-/sign-in")
    other.get_by_label("Your name").fill(name)
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Sign in", exact=True).click()
    assert other.locator(".top-account").inner_text().strip() == name


def test_an_administrator_helps_somebody_back(
    starter: Any, tab: Callable[..., Any], js: bool
) -> None:
    name = f"lost {'with' if js else 'without'} scripts"
    person, boss = tab(starter, js=js), tab(starter, js=js)
    starter.sign_in(person, name)
    starter.sign_in(boss, "boss", "admin")
    boss.goto(f"/-/admin/people/{starter.people[name]}")
    boss.get_by_role("button", name="Make a sign-in link").click()
    link = boss.get_by_label("Sign-in link").input_value()
    back = tab(starter, js=js)
    back.goto(link)
    # Looking at it is no use of it.
    back.reload()
    back.get_by_role("button", name=f"Sign in as {name}").click()
    back.get_by_label("New password").fill(PASSWORD)
    back.get_by_role("button", name="password").click()
    assert back.get_by_role("status").inner_text().startswith("Your password is set")
    person.reload()
    assert person.get_by_text("Sign in to do this").is_visible()
