"""Passkeys with Chromium's own authenticator, and one-time codes, as people do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyotp
import pytest

from .conftest import Served
from .test_screens import TOO_LOW, TOO_WIDE

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
NEW_PAGES = ("/-/account", "/-/account/devices", "/-/account/tokens")


@pytest.fixture
def named(serve: Callable[..., Served]) -> Served:
    """Return a running wiki at a host name: passkeys want one."""
    served = serve()
    return replace(served, address=served.address.replace("127.0.0.1", "localhost"))


def phone(page: Any, *, verified: bool = True) -> tuple[Any, str]:
    """Give a browser window an authenticator of its own."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": verified,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session, made["authenticatorId"]


def begin(served: Served, page: Any, name: str = "Ana") -> None:
    """Come in by an administrator's link, and set a password."""
    served.sign_in(page, name)
    page.fill("#password", PASSWORD)
    page.locator("form[action$='/account/password'] button[type=submit]").click()
    assert "Your password is set" in page.locator("[role=status]").inner_text()


def sign_out(served: Served, page: Any) -> None:
    page.goto(f"{served.address}/-/account")
    page.locator("main form[action$='sign-out'] button").click()


def test_a_passkey_from_adding_to_removing(
    named: Served, tab: Callable[..., Any]
) -> None:
    page = tab(named, viewport={"width": 390, "height": 800})
    session, authenticator = phone(page)
    begin(named, page)
    page.fill("#key-label", "My phone")
    page.get_by_role("button", name="Add a passkey").click()
    page.locator("[role=status]", has_text="Your passkey is there").wait_for()
    kept = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
    (credential,) = kept["credentials"]
    assert (credential["rpId"], credential["isResidentCredential"]) == (
        "localhost",
        True,
    )
    assert page.evaluate(TOO_WIDE) <= 0
    sign_out(named, page)
    page.goto(f"{named.address}/-/sign-in?page=home")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{named.address}/")
    page.goto(f"{named.address}/-/account/sign-in")
    row = page.locator("section[aria-labelledby=passkeys-title] li").first
    assert "My phone" in row.inner_text()
    row.get_by_role("button", name="Remove this passkey").click()
    page.locator("[role=status]", has_text="The passkey is removed").wait_for()
    sign_out(named, page)
    page.goto(f"{named.address}/-/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.locator("#problem", has_text="This passkey was not accepted").wait_for()


def test_a_device_that_is_not_unlocked_adds_nothing(
    named: Served, tab: Callable[..., Any]
) -> None:
    page = tab(named)
    phone(page, verified=False)
    begin(named, page)
    page.get_by_role("button", name="Add a passkey").click()
    said = page.locator("[role=alert][data-passkey-said]")
    said.wait_for()
    assert "Nothing was changed" in said.inner_text()
    sign_out(named, page)
    page.goto(f"{named.address}/-/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    said.wait_for()
    assert "No passkey was used" in said.inner_text()
    assert page.locator("#name").is_visible()


def test_where_no_passkey_can_be_nobody_is_offered_one(
    serve: Callable[..., Served], tab: Callable[..., Any]
) -> None:
    served = serve()
    page = tab(served)
    begin(served, page)
    assert "http://localhost" in page.locator("main").inner_text()
    assert not page.get_by_role("button", name="Add a passkey").count()


def test_one_time_codes(
    serve: Callable[..., Served], tab: Callable[..., Any], js: bool
) -> None:  # P17
    served = serve()
    page = tab(served, js=js, viewport={"width": 320, "height": 800})
    begin(served, page)
    for path in NEW_PAGES:
        page.goto(served.address + path)
        assert page.locator("h1").count() == 1
    page.goto(f"{served.address}/-/account/sign-in")
    page.get_by_role("button", name="Turn codes on").click()
    totp = pyotp.TOTP(page.locator("main code").inner_text().replace(" ", ""))
    if js:
        picture = "document.querySelector('main img').naturalWidth"
        page.wait_for_function(f"{picture} > 100")
        assert page.evaluate(TOO_WIDE) <= 0
        assert page.evaluate(TOO_LOW) == []
    page.fill("#code", totp.now())
    page.get_by_role("button", name="Turn codes on").click()
    recovery = page.locator("main pre").inner_text().split()
    assert len(recovery) == 10
    if js:
        assert page.evaluate(TOO_WIDE) <= 0
    sign_out(served, page)
    page.goto(f"{served.address}/-/sign-in")
    page.fill("#name", "Ana")
    page.fill("#password", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    assert page.locator("h1").inner_text() == "Your code"
    held = {one["name"] for one in page.context.cookies()}
    assert held <= {"wiki_form", "wiki-device"}
    page.fill("#code", "000000")
    page.locator("main form button[type=submit]").click()
    assert "not right" in page.locator("#problem").inner_text()
    page.fill("#code", recovery[0])
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{served.address}/")
    assert "Ana" in page.locator(".top-account").inner_text()


def test_r02_signing_out_asks_while_text_is_unsent(
    serve: Callable[..., Served], tab: Callable[..., Any]
) -> None:  # R2
    served = serve()
    page = tab(served, viewport={"width": 1280, "height": 800})
    begin(served, page)
    page.goto(f"{served.address}/-/new")
    page.fill("#name", "unsent")
    page.locator("#text").press_sequentially("Words nobody may lose.")
    page.locator("[data-draft-state]").wait_for()
    kept = "Object.keys(localStorage).filter((k) => k.startsWith('draft:')).length"
    assert page.evaluate(kept) == 1
    asked: list[str] = []
    answers = iter([True, False, True])

    def answer(dialog: Any) -> None:
        asked.append(dialog.message)
        dialog.accept() if next(answers) else dialog.dismiss()

    page.on("dialog", answer)
    page.goto(f"{served.address}/-/account")  # the editor asks before it is left
    leave = page.locator("main form[action$='sign-out'] button")
    leave.click()
    assert "Signing out removes it" in asked[-1]
    assert page.evaluate(kept) == 1
    assert page.locator(".top-account").inner_text() == "Ana"
    leave.click()
    page.wait_for_url(f"{served.address}/")
    assert page.evaluate(kept) == 0
    assert page.locator(".top-account").inner_text() == "Sign in"
