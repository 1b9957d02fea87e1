"""“What this site stores”: said from the settings, and said anew when they change."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki import Plugin
from wiki.app import create_app
from wiki.config import load
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.registry import installed
from wiki.testing import PASSWORD, SAME_SITE, submit
from wiki.web import catalogs

# Settings that others need beside them, and which change nothing by themselves.
BESIDE = {
    "mail.from": "wiki@example.org",
    "site.url": "https://wiki.example.org",
    "access.oidc_client": "a-client",
}


class Silent(Plugin):
    name = "silent"
    title = "The silent one"


class Honest(Plugin):
    name = "honest"
    title = "The honest one"
    stores = "Every third word."


def text_of(read: Any, folder: Path, plugins: Any = (), **values: object) -> str:
    """Return the words of the page with some settings."""
    wanted = {key.replace("__", "."): value for key, value in values.items()}
    wanted |= {key: given for key, given in BESIDE.items() if values}
    config = load(folder, {}, wanted)
    app = create_app(config=config, plugins=plugins, memory=True)
    wiki = app.extensions["wiki"]
    wiki.accounts.create_user("Ana", "admin")
    page = app.test_client().get("/-/privacy")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    wiki.close()
    text: str = read(page).one("main").text
    return text


@pytest.mark.parametrize(
    ("setting", "without", "value", "with_it"),
    [
        ("access__read", "are public.", "members", "are for members only."),
        ("access__join", "needs an invitation", "open", "by themselves"),
        ("access__join", "needs an invitation", "approve", "lets them in"),
        ("access__join", "needs an invitation", "closed", "Nobody can make an account"),
        ("log__level", "what the wiki did", "error", "and nothing else"),
        ("log__level", "what the wiki did", "debug", "every step"),
        ("log__level", "what the wiki did", "warning", "what looks wrong"),
        ("privacy__time_in_history", "told to the minute", "day", "to the day only"),
        ("privacy__time_in_history", "told to the minute", "hour", "to the hour only"),
        ("sessions__idle_hours", "12 hours without", 5, "5 hours without"),
        ("sessions__remember_days", "30 days", 7, "7 days"),
        (
            "mail__url",
            "sends no mail",
            "smtp://me@mail.example.org",
            "through mail.example.org",
        ),
        ("mail__url", "No e-mail address", "smtp://x.example", "may add an e-mail"),
        (
            "access__oidc_issuer",
            "account of another service",
            "https://id.example.org",
            "an account at id.example.org",
        ),
        ("security__allow_http", "", True, "used without encryption"),
        ("access__passkeys", "Of a passkey", False, ""),
        ("plugins__disabled", "Glossary: Nothing of its own", ["glossary"], ""),
    ],
)
def test_p20_each_setting_that_matters_changes_the_text(
    tmp_path: Path, read: Any, setting: str, without: str, value: object, with_it: str
) -> None:  # P20
    before = text_of(read, tmp_path)
    after = text_of(read, tmp_path, **{setting: value})
    assert without in before
    assert with_it in after
    assert not without or without not in after
    assert not with_it or with_it not in before
    assert before != after


def test_p20_plugins_say_what_they_store(tmp_path: Path, read: Any) -> None:  # P20
    text = text_of(read, tmp_path, plugins=[Silent, Honest])
    assert "“The silent one” does not say what it stores." in text
    assert "The honest one: Every third word." in text
    assert "Directory: Nothing of its own" in text
    assert "No plugin is in use" not in text


def test_p20_who_runs_it_is_told_by_number_not_by_name(
    tmp_path: Path, read: Any
) -> None:  # P20
    app = create_app(config=load(tmp_path, {}), memory=True)
    accounts = app.extensions["wiki"].accounts
    for name, role in (("Ana", "admin"), ("Ben", "admin"), ("Cleo", "moderator")):
        accounts.create_user(name, role)
    text = read(app.test_client().get("/-/privacy")).one("main").text
    assert "2 administrators run this site" in text
    assert "1 moderator can" in text
    assert not {"Ana", "Ben", "Cleo"} & set(text.split())
    app.extensions["wiki"].close()


def test_p20_every_page_leads_there(read: Any, visitor: FlaskClient) -> None:  # P20
    for path in ("/-/search", "/-/recent", "/-/privacy", "/-/sign-in"):
        assert "/-/privacy" in read(visitor.get(path)).links()


def test_the_page_is_in_the_language_of_its_reader(visitor: FlaskClient) -> None:
    for language, _path in catalogs.languages():
        shown = visitor.get(f"/-/privacy?lang={language}")
        assert f'lang="{language}"' in shown.text
        assert shown.status_code == 200


@pytest.mark.parametrize("home", ["http://localhost", "https://wiki.example.org"])
def test_cookies_named_are_those_that_are_set(app: Flask, read: Any, home: str) -> None:
    client = app.test_client()
    page = read(client.get("/-/privacy", base_url=home))
    named = {one.text for one in page.one("table").all("code")}
    app.extensions["wiki"].accounts.create_user(f"At {len(home)}", "editor", PASSWORD)
    form = client.get("/-/sign-in", base_url=home)
    token = read(form).all("input", name="csrf_token")[0]["value"]
    done = client.post(
        "/-/sign-in",
        base_url=home,
        data={"csrf_token": token, "name": f"At {len(home)}", "password": PASSWORD},
        headers=SAME_SITE,
    )
    assert done.status_code == 303
    given = form.headers.getlist("Set-Cookie") + done.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in given} == named


@pytest.mark.parametrize("step", ["minute", "hour", "day"])
def test_times_of_changes_are_as_coarse_as_the_setting(
    tmp_path: Path, step: str
) -> None:  # P12
    config = load(tmp_path, {}, {"privacy.time_in_history": step})
    app = create_app(config=config, memory=True)
    wiki = app.extensions["wiki"]
    for n in range(2):
        wiki.save(SYSTEM, Draft("page", f"Version {n}."), n)
    wiki.save(SYSTEM, Draft("gone", "x"), 0)
    wiki.delete(SYSTEM, "gone")
    owner = app.test_client()
    wiki.accounts.create_user("Ana", "admin", PASSWORD)
    submit(owner, "/-/sign-in", name="Ana", password=PASSWORD)
    times = set()
    for path in (
        "/page?rev=1",
        "/page?rev=2",
        "/gone",
        "/-/history/page",
        "/-/diff/page?a=1&b=2",
        "/-/restore/page?rev=1",
        "/-/recent",
        "/-/search?q=version",
        "/-/api/v1/pages",
        "/-/api/v1/pages/page",
        "/-/api/v1/history/page",
        "/-/api/v1/recent",
        "/-/api/v1/search?q=version",
    ):
        text = owner.get(path).text
        times |= set(re.findall(r'datetime="([^"]+)"', text))
        times |= set(re.findall(r'"(?:at|updated)": ?"([^"]+)"', text))
        if step == "day":
            assert not re.search(r"\d{4},? (at )?\d\d:\d\d", text), path
    assert times
    clocks = {time.partition("T")[2][:5] for time in times}
    if step == "day":
        assert clocks <= {"", "00:00"}
    elif step == "hour":
        assert all(clock[3:] in ("", "00") for clock in clocks)
    else:
        assert any(clock for clock in clocks)
    wiki.close()


@pytest.mark.parametrize("name", sorted(installed()))
def test_p20_every_plugin_that_comes_along_says_it(name: str) -> None:  # P20
    assert installed()[name].load().stores.endswith(".")
