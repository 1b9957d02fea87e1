"""Erasing and the emergency switch in the browser: looked at first, meant, done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.model.redaction import MARK
from wiki.service import Wiki
from wiki.testing import PASSWORD, SAME_SITE, submit

VALUE = "Xochitlq77"
People = Callable[[str], FlaskClient]


@pytest.fixture
def wiki(app: Flask) -> Wiki:
    found: Wiki = app.extensions["wiki"]
    return found


def written(wiki: Wiki, name: str, value: str) -> str:
    wiki.save(SYSTEM, Draft(name, f"Ask {value}.\n", f"about {value}"), 0)
    wiki.save(SYSTEM, Draft(name, f"Ask {value} now.\n"), 1)
    return name


def fields(form: Any) -> dict[str, str]:
    return {one["name"]: one.get("value") for one in form.all("input", type="hidden")}


def test_erasing_is_looked_at_and_meant(
    admin: FlaskClient, visitor: FlaskClient, wiki: Wiki, name: str, read: Any
) -> None:  # P8
    written(wiki, name, VALUE)
    shown = submit(admin, "/-/admin/erase", value=VALUE)
    page = read(shown)
    assert "3 places in 1 pages. This cannot be undone." in page.text
    form = page.one("div", class_="note").one("form")
    assert VALUE not in shown.request.url
    assert shown.headers["Cache-Control"] == "no-store"
    assert "Ask Xochitlq77 now." in visitor.get(f"/{name}").text
    sent = fields(form)
    wrong = admin.post(
        "/-/admin/erase", data={**sent, "again": "Xochitl"}, headers=SAME_SITE
    )
    assert wrong.status_code == 422
    assert "Nothing was erased" in read(wrong).text
    assert "Ask Xochitlq77 now." in visitor.get(f"/{name}").text
    done = admin.post(
        "/-/admin/erase", data={**sent, "again": VALUE}, headers=SAME_SITE
    )
    assert "Erased: 3 places in 1 pages." in read(done).one("div", role="status").text
    assert VALUE not in done.text
    assert f"Ask {MARK} now." in visitor.get(f"/{name}").text
    assert f"Ask {MARK}." in visitor.get(f"/{name}?rev=1").text
    assert VALUE not in admin.get(f"/-/history/{name}").text
    log = admin.get("/-/admin/log").text
    assert "erased a value in 1 pages" in log
    assert VALUE not in log


def test_what_cannot_be_erased_is_said_and_stays_in_the_form(
    admin: FlaskClient, wiki: Wiki, name: str, read: Any
) -> None:
    for value, status, says in (
        ("ab", 400, "too short"),
        ("x" * 1500, 400, "too long"),
        ("▇▇▇", 400, "the mark"),
    ):
        shown = submit(admin, "/-/admin/erase", value=value)
        assert shown.status_code == status
        assert says in read(shown).one("p", role="alert").text
        assert read(shown).one("input", id="value")["value"] == value
    bad = submit(admin, "/-/admin/erase", value=VALUE, under="../x")
    assert bad.status_code == 400
    group = f"friends of {name}"[:40]
    wiki.accounts.groups.add(group, "")
    shown = submit(admin, "/-/admin/erase", value=group)
    assert shown.status_code == 422
    assert "The group" in read(shown).one("p", role="alert").text
    nothing = read(submit(admin, "/-/admin/erase", value="qqzzxxqq"))
    assert "0 places in 0 pages." in nothing.text
    assert nothing.all("input", name="again") == []


@pytest.mark.parametrize("role", ["visitor", "member", "editor", "moderator"])
def test_only_administrators(people: People, wiki: Wiki, name: str, role: str) -> None:
    written(wiki, name, VALUE)
    client = people(role)
    for path in ("/-/admin/erase", "/-/admin/erase/version", "/-/admin/emergency"):
        assert client.get(path).status_code in (401, 403, 404)
        sent = submit(
            client,
            "/-/account" if role != "visitor" else "/-/sign-in",
            path,
            value=VALUE,
            again=VALUE,
            name=name,
            n="1",
            sure="1",
        )
        assert sent.status_code in (401, 403), (path, sent.status_code)
    assert VALUE in wiki.page(SYSTEM, name).text
    assert not wiki.panic.on


def test_one_version_is_removed_from_its_history(
    admin: FlaskClient, visitor: FlaskClient, wiki: Wiki, name: str, read: Any
) -> None:
    written(wiki, name, "a lantern")
    history = read(admin.get(f"/-/history/{name}"))
    links = {url for url, text in history.links().items() if text == "Remove for good"}
    assert links == {f"/-/admin/erase?name={name}&n=1#version"}
    assert "Remove for good" not in visitor.get(f"/-/history/{name}").text
    form = read(admin.get(f"/-/admin/erase?name={name}&n=1"))
    assert form.one("input", id="name")["value"] == name
    assert form.one("input", id="n")["value"] == "1"
    path = "/-/admin/erase/version"
    unsure = submit(admin, "/-/admin/erase", path, name=name, n="1")
    assert unsure.status_code == 422
    for n, status in (("2", 422), ("9", 404), ("x", 404), ("", 404), ("²", 404)):
        sent = submit(admin, "/-/admin/erase", path, name=name, n=n, sure="1")
        assert sent.status_code == status, n
    assert "lantern" in visitor.get(f"/{name}?rev=1").text
    done = submit(admin, "/-/admin/erase", path, name=name, n="1", sure="1")
    assert done.status_code == 303
    told = read(admin.get(done.location))
    assert "The text of this version was removed for good." in told.text
    gone = visitor.get(f"/{name}?rev=1")
    assert gone.status_code == 404
    assert "removed for good" in gone.text
    assert visitor.get(f"/-/diff/{name}?a=1&b=2").status_code == 404


# -- the emergency switch


@pytest.fixture
def alarmed(tmp_path: Path) -> Iterator[Flask]:
    """Return a wiki of its own, on disk: the switch stops all of it."""
    made = create_app(config=load(tmp_path, {}))
    wiki: Wiki = made.extensions["wiki"]
    wiki.accounts.create_user("ana", "admin", PASSWORD)
    wiki.save(SYSTEM, Draft("home", "A lantern.\n"), 0)
    yield made
    wiki.close()


def test_p15_one_button_and_everybody_is_out(alarmed: Flask, read: Any) -> None:  # P15
    wiki: Wiki = alarmed.extensions["wiki"]
    ana, other = alarmed.test_client(), alarmed.test_client()
    for one in (ana, other):
        assert (
            submit(one, "/-/sign-in", name="ana", password=PASSWORD).status_code == 303
        )
    unsure = submit(ana, "/-/admin/emergency")
    assert unsure.status_code == 422
    assert "Tick the box" in read(unsure).one("p", role="alert").text
    assert not wiki.panic.on
    done = submit(ana, "/-/admin/emergency", sure="1")
    assert done.status_code == 200
    assert done.headers["Clear-Site-Data"]
    assert "The wiki is read-only now" in read(done).one("div", role="status").text
    assert "wiki panic over" in read(done).text
    assert "A lantern." in read(ana.get("/")).text
    for one in (ana, other):
        assert one.get("/-/account").status_code == 401
        sent = submit(one, "/-/sign-in", "/-/edit/home", text="Typed.\n", base="1")
        assert sent.status_code == 503
        assert "Typed." in sent.text
        assert "read-only for now" in read(sent).text
        entered = submit(one, "/-/sign-in", name="ana", password=PASSWORD)
        assert entered.status_code == 503
    wiki.panic.end(SYSTEM)
    assert submit(ana, "/-/sign-in", name="ana", password=PASSWORD).status_code == 303
