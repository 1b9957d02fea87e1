"""Everything works without scripts, under a clearnet name and as an onion (P17)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from wiki.app import create_app
from wiki.config import load
from wiki.testing import PASSWORD

from ..web.conftest import NO_LIMITS, Reader
from ..web.forms import fields

ONION = f"http://{'abcdefghij234567' * 3}abcdefgh.onion"
CLEARNET = "https://wiki.example.org"


class Reading:
    """A browser without scripts: it follows links, fills in forms and presses buttons.

    It proves where it comes from by ``Origin`` alone: browsers say no more to a site
    without encryption.
    """

    def __init__(self, app: Flask, origin: str) -> None:
        self._client, self._origin = app.test_client(), origin
        self.address = origin + "/"
        self.page: Any = None
        self.answer: Any = None

    def open(self, path: str) -> Any:
        return self._arrive(self._client.get(urljoin(self.address, path)))

    def press(self, action: str, **typed: str) -> Any:
        """Fill in the form that is sent to ``action`` and send it."""
        form = next(
            one
            for one in self.page.all("form")
            if urlsplit(urljoin(self.address, one.get("action"))).path == action
            and one.get("method").lower() == "post"
        )
        data = fields(form) | typed
        unknown = set(typed) - named(form)
        assert not unknown, (action, unknown)
        heads = {"Origin": self._origin}
        url = urljoin(self.address, form.get("action"))
        return self._arrive(self._client.post(url, data=data, headers=heads))

    def _arrive(self, answer: Any) -> Any:
        self.address = answer.request.url
        for _ in range(5):
            if answer.status_code not in (301, 302, 303):
                break
            self.address = urljoin(self.address, answer.location)
            assert self.address.startswith(self._origin), self.address
            answer = self._client.get(self.address)
        assert answer.status_code == 200, (self.address, answer.text[:3000])
        self.answer, self.page = answer, Reader(answer.text).root
        for one in self.page.walk():
            for name in ("href", "src", "action", "formaction"):
                # A link of a text leads elsewhere; everything of the wiki stays here.
                if one.get(name) and "nofollow" not in one.get("rel"):
                    there = urljoin(self.address, one[name])
                    assert there.startswith(self._origin), (self.address, there)
        return self.page

    @property
    def cookies(self) -> list[str]:
        return [str(c.key) for c in self._client._cookies.values()]


def named(form: Any) -> set[str]:
    return {one["name"] for one in form.walk() if one.get("name")}


@pytest.fixture(params=[CLEARNET, ONION], ids=["clearnet", "onion"])
def reading(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reading]:
    settings = NO_LIMITS | {"site.url": request.param}
    app = create_app(config=load(tmp_path, {}, settings), strict=True, memory=True)
    app.extensions["wiki"].accounts.create_user("ana", "admin", PASSWORD)
    yield Reading(app, request.param)
    app.extensions["wiki"].close()


def test_p17_all_of_it_without_scripts(reading: Reading) -> None:  # P17
    reading.open("/")
    reading.open("/-/sign-in")
    assert reading.cookies == ["wiki_form"]
    reading.press("/-/sign-in", name="ana", password=PASSWORD)
    secure = reading._origin.startswith("https")
    assert ("__Host-wiki" if secure else "wiki") in reading.cookies

    reading.open("/-/new")
    text = "# Plan\n\nA word: quillfish. [[other]]\n"
    reading.press("/-/new", name="plan", text=text, save="1")
    assert "quillfish" in reading.page.text
    reading.open("/-/edit/plan")
    assert "Preview" in reading.page.text
    reading.press("/-/edit/plan", text=text + "\nMore.\n", preview="1")
    assert "More." in reading.page.text
    reading.press("/-/edit/plan", text=text + "\nMore.\n", save="1", comment="why")
    reading.open("/-/history/plan")
    assert "why" in reading.page.text
    reading.open("/-/diff/plan?a=1&b=2")
    reading.open("/-/search?q=quillfish")
    assert "Plan" in reading.page.text
    for path in ("/-/recent", "/-/pages", "/-/tags", "/-/reports/wanted", "/-/groups"):
        reading.open(path)
    reading.open("/-/rename/plan")
    reading.press("/-/rename/plan", to="the-plan")
    reading.open("/-/audience/the-plan")
    reading.press("/-/audience/the-plan", who="members")
    assert "Visible to members" in reading.page.text
    reading.open("/-/restore/the-plan?rev=1")
    reading.open("/-/delete/the-plan")
    reading.press("/-/delete/the-plan", reason="done")
    reading.open("/-/restore/the-plan")
    reading.press("/-/restore/the-plan")
    for path in ("/-/account", "/-/account/tokens", "/-/invite", "/-/privacy"):
        reading.open(path)
    for path in ("people", "areas", "groups", "settings", "log", "access"):
        reading.open(f"/-/admin/{path}")
    reading.open("/-/account")
    reading.press("/-/sign-out")
    assert "Sign in" in reading.page.text


def test_p17_the_cookie_of_an_onion_goes_without_secure(tmp_path: Path) -> None:  # P17
    app = create_app(config=load(tmp_path, {}, {"site.url": ONION}), memory=True)
    app.extensions["wiki"].accounts.create_user("ana", "admin", PASSWORD)
    reading = Reading(app, ONION)
    reading.open("/-/sign-in")
    reading.press("/-/sign-in", name="ana", password=PASSWORD)
    kept = reading._client.get_cookie("wiki", urlsplit(ONION).hostname or "")
    assert kept is not None
    assert (kept.secure, kept.http_only, kept.same_site) == (False, True, "Lax")
    assert "Strict-Transport-Security" not in reading.answer.headers
    app.extensions["wiki"].close()


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://wiki.example.org", "http://wiki.example.org"),
        ("", "http://someother.onion"),
        (
            "http://wiki.example.onion.example.org",
            "http://wiki.example.onion.example.org",
        ),
    ],
)
def test_p17_no_other_name_is_let_in_without_encryption(
    tmp_path: Path, url: str, base: str
) -> None:  # P17, R15
    app = create_app(config=load(tmp_path, {}, {"site.url": url}), memory=True)
    client = app.test_client()
    page = Reader(client.get(f"{base}/-/sign-in").text).root
    form = next(one for one in page.all("form") if one.get("action") == "/-/sign-in")
    data = fields(form) | {"name": "ana", "password": PASSWORD}
    refused = client.post(f"{base}/-/sign-in", data=data, headers={"Origin": base})
    assert refused.status_code == 403
    assert "needs a protected connection" in refused.text
    app.extensions["wiki"].close()
