"""Hostile words typed into every field of every form are only words (R1).

Forms are found on the screens themselves, so a new field is tried without a new test.
"""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.testing import PASSWORD, SAME_SITE, submit

from .conftest import NO_LIMITS, Reader
from .forms import fields
from .test_hostile import HOSTILE, check_nothing_active

ACTIVE = Path(__file__).parents[1] / "markup" / "active.py"
FAMILIES: dict[str, list[str]] = runpy.run_path(str(ACTIVE))["FAMILIES"]
# Of the families whose texts are made for plain words rather than for Markdown.
TEXTS = [
    *HOSTILE,
    *(
        text
        for family in ("raw elements", "script contexts", "templates", "encodings")
        for text in FAMILIES[family][::4]
        if text.isprintable()
    ),
    "=HYPERLINK(1)",
    "@SUM(1)",
    "\x1b]0;x\x07",
]
pytestmark = pytest.mark.slow

TYPED = {"", "text", "search", "email", "url", "tel"}
# Screens whose forms are filled in, and lists on which their words come back.
ADMIN_SCREENS = (
    "/-/new",
    "/-/edit/known",
    "/-/rename/known",
    "/-/audience/known",
    "/-/restore/known?rev=1",
    "/-/invite",
    "/-/account/tokens",
    "/-/account/devices",
    "/-/account/email",
    "/-/admin/areas",
    "/-/admin/access",
    "/-/admin/groups",
    "/-/admin/people",
    "/-/admin/erase",
    "/-/admin/log",
    "/-/admin/settings/site",
    "/-/groups/writers",
    "/-/search?q=x",
    "/-/p/coalitions/",
    "/-/p/glossary/",
    "/-/account/name",
)
VISITOR_SCREENS = ("/-/sign-in", "/-/join", "/-/forgot")
LISTS = (
    "/",
    "/known",
    "/-/pages",
    "/-/recent",
    "/-/tags",
    "/-/groups",
    "/-/history/known",
    "/-/people/1",
    "/-/account",
    "/-/account/tokens",
    "/-/account/devices",
    "/-/admin/",
    "/-/admin/groups",
    "/-/admin/invitations",
    "/-/admin/log",
    "/-/admin/people",
    "/-/admin/people/1",
    "/-/admin/pages",
    "/-/admin/waiting",
    "/-/admin/settings",
    "/-/privacy",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    settings = {"access.join": "approve", "moderation.newcomer_days": 0}
    folder = tmp_path_factory.mktemp("forms")
    config = load(folder, {}, NO_LIMITS | settings)
    made = create_app(config=config, strict=True, memory=True)
    wiki = made.extensions["wiki"]
    wiki.accounts.create_user("ana", "admin", PASSWORD, ["writers"])
    for n in (0, 1):
        wiki.save(SYSTEM, Draft("known", f"# Known\n\nText {n}.\n"), n)
    yield made
    wiki.close()


@pytest.fixture(scope="module")
def ana(app: Flask) -> FlaskClient:
    client = app.test_client()
    done = submit(client, "/-/sign-in", name="ana", password=PASSWORD)
    assert done.status_code == 303
    return client


def typed_into(form: Any, text: str) -> dict[str, str]:
    """Return what a form sends with a text in each field that takes words."""
    sent = fields(form)
    for one in form.walk():
        words = one.tag == "textarea" or (
            one.tag == "input" and one.get("type") in TYPED
        )
        if words and one.get("name"):
            sent[one["name"]] = text
    return sent


def send(client: FlaskClient, url: str, form: Any, text: str, read: Any) -> bool:
    """Fill in a form and judge the answer; tell whether it took any words."""
    sent = typed_into(form, text)
    if text not in sent.values():
        return False
    to = urljoin(url, form.get("action") or url)
    if form.get("method").lower() == "post":
        answer = client.post(to, data=sent, headers=SAME_SITE)
    else:
        answer = client.get(urlsplit(to).path, query_string=sent)
    assert answer.status_code < 500, (to, text)
    if answer.location:
        there = urlsplit(answer.location)
        assert there.netloc in ("", "localhost"), (to, answer.location)
        answer = client.get(answer.location)
    if answer.mimetype == "text/html":
        check_nothing_active(read, answer, to)
    return True


@pytest.mark.parametrize("text", TEXTS)
def test_r01_words_in_every_form_are_only_words(
    app: Flask, ana: FlaskClient, read: Any, text: str
) -> None:  # R1
    tried = 0
    for client, screens in (
        (ana, ADMIN_SCREENS),
        (app.test_client(), VISITOR_SCREENS),
    ):
        for url in screens:
            page = Reader(client.get(url).text).root
            for form in page.all("form"):
                tried += send(client, url, form, text, read)
    assert tried >= len(ADMIN_SCREENS)
    for url in LISTS:
        check_nothing_active(read, ana.get(url, follow_redirects=True), url)


def test_r01_cells_of_the_log_work_nothing_out(ana: FlaskClient) -> None:  # R1
    submit(ana, "/-/admin/groups", name="=1+1 group", about="+cmd")
    shown = ana.get("/-/admin/log")
    form = next(
        one
        for one in Reader(shown.text).root.all("form")
        if one.get("action") == "/-/admin/log.csv"
    )
    saved = ana.post("/-/admin/log.csv", data=fields(form), headers=SAME_SITE)
    if saved.mimetype == "text/csv":
        for cell in saved.text.replace('"', "").replace("\r\n", ",").split(","):
            assert not cell.startswith(("=", "+", "@", "\t")), cell
