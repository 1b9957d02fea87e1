"""What holds at every address: headers, proofs, no change by reading, no escape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.service import Wiki
from wiki.testing import PASSWORD, SAME_SITE, TOKEN, submit

from .everywhere import address, check_headers, rules

# Where a visitor gets a form, and with it the cookie that the form needs.
FORMS = {"account.sign_in", "joining.join"}


# -- R2: headers


def test_headers_on_every_answer(
    app: Flask, people: Callable[[str], FlaskClient], known: str
) -> None:  # R2
    statuses = set()
    clients = [people(role) for role in ("visitor", "editor", "admin")]
    for rule, method in rules(app):
        for name in (known, "no such page"):
            url = address(rule, name)
            for client in clients:
                if rule.endpoint == "account.sign_out":
                    continue
                response = client.open(url, method=method)
                check_headers(response, f"{method} {url}")
                statuses.add(response.status_code)
    assert {200, 303, 400, 401, 403, 404} - {303} <= statuses


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/older", 301),
        ("/known/", 301),
        ("/gone", 404),
        ("/%00", 404),
        ("/known?rev=x", 404),
        ("/-/edit/known", 401),
        ("/-/nothing/known", 404),
        ("/-/static/0/none.css", 404),
        ("/-/files/known/map.png", 200),
        ("/favicon.ico", 302),
        ("/-/search?q=" + "x" * 300, 400),
        ("/-/api/v1/pages/none", 404),
    ],
)
def test_headers_on_errors_files_and_redirects(
    visitor: FlaskClient, known: str, url: str, status: int
) -> None:  # R2
    response = visitor.get(url)
    assert response.status_code == status
    check_headers(response, url)


def test_headers_on_304_and_from_the_cache(visitor: FlaskClient, known: str) -> None:
    for url in ("/known", "/", "/known.md", "/-/files/known/map.png"):
        first = visitor.get(url)
        for _ in range(2):
            again = visitor.get(url)
            check_headers(again, url)
        tag = {"If-None-Match": first.headers["ETag"]}
        for _ in range(2):
            unchanged = visitor.get(url, headers=tag)
            assert (unchanged.status_code, unchanged.data) == (304, b"")
            check_headers(unchanged, f"304 {url}")


def test_headers_on_a_crash(
    visitor: FlaskClient, wiki: Wiki, known: str, monkeypatch: Any
) -> None:
    def fail(*args: Any, **rest: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(wiki, "search", fail)
    response = visitor.get("/-/search?q=x")
    assert response.status_code == 500
    check_headers(response, "crash")


def test_https_is_told_to_stay(visitor: FlaskClient, known: str) -> None:
    assert "Strict-Transport-Security" not in visitor.get("/known").headers
    safe = visitor.get("/known", base_url="https://wiki.example.org")
    assert "max-age=31536000" in safe.headers["Strict-Transport-Security"]


def test_nothing_but_static_files_can_run_as_a_script(
    app: Flask, people: Callable[[str], FlaskClient], known: str
) -> None:  # R2
    for rule, method in rules(app):
        if method != "GET" or rule.endpoint == "assets.static":
            continue
        response = people("admin").get(address(rule, known))
        assert "javascript" not in response.content_type, rule
        if response.data:
            assert response.content_type, rule


# -- cookies


def test_no_cookie_before_signing_in(
    app: Flask, visitor: FlaskClient, known: str
) -> None:  # R2, R18
    for rule, method in rules(app):
        if method not in {"GET", "HEAD", "OPTIONS"} or rule.endpoint in FORMS:
            continue
        for name in (known, "no such page"):
            response = visitor.open(address(rule, name), method=method)
            assert not response.headers.getlist("Set-Cookie"), (rule, method)


def test_pages_of_one_person_are_not_kept_for_another(
    visitor: FlaskClient, editor: FlaskClient, known: str
) -> None:
    for url in ("/known", "/", "/-/recent", "/-/history/known", "/-/search"):
        own = editor.get(url)
        assert "public" not in own.headers["Cache-Control"], url
        assert "the editor" in own.text
        assert "the editor" not in visitor.get(url).text
        assert "the editor" in editor.get(url).text


def test_a_form_kept_for_a_person_fits_each_browser(
    app: Flask, wiki: Wiki, name: str
) -> None:
    wiki.accounts.create_user(name, "editor", PASSWORD)
    wiki.save(SYSTEM, Draft(name, "one"), 0)
    tokens = []
    for n in (1, 2):
        client = app.test_client()
        submit(client, "/-/sign-in", name=name, password=PASSWORD)
        for _ in range(2):
            form = client.get(f"/-/edit/{name}")
        found = TOKEN.search(form.text)
        assert found
        tokens.append(found.group(1))
        done = client.post(
            f"/-/edit/{name}",
            data={"csrf_token": tokens[-1], "text": f"text {n}", "base": n},
            headers=SAME_SITE,
        )
        assert done.status_code == 303, done.text
    stolen = client.post(
        f"/-/edit/{name}",
        data={"csrf_token": tokens[0], "text": "x", "base": 3},
        headers=SAME_SITE,
    )
    assert stolen.status_code == 400


# -- names of fields that a form did not show


def test_fields_that_a_form_did_not_show_do_nothing(
    editor: FlaskClient, save: Any, wiki: Wiki, name: str
) -> None:  # R14
    r = save(
        editor,
        name,
        "Text",
        audience="admins",
        author="somebody else",
        origin="import",
        minor="1",
        role="admin",
        author_id="1",
    )
    print("STATUS", r.status_code, wiki.panic.on, r.location, [a.kind for a in wiki.accounts.audit.acts()][:8])
    page = wiki.page(SYSTEM, name)
    assert (page.audience, page.author) == ("public", "the editor")
    assert wiki.store.history(page.id)[0].origin == "web"


# -- bytes that no browser sends, on the store that people have

ODD = (
    "/%ff",
    "/%2e%2e/etc",
    "/a%00b",
    "/" + "x" * 9000,
    "/-/raw/%ff",
    "/-/raw/%00",
    "/-/history/%00",
    "/-/files/..%2f..%2fvar/private.db",
    "/-/files/%00/%00",
    "/..%2fvar%2fwiki.db",
    "/-/static/x/..%2f..%2fapp.py",
    "/-/search?q=%ff%fe",
    "/-/search?q=%00&tag=%00&in=%ff&lang=%00&type=%00",
    "/-/search/suggest?q=%00",
    "/-/pages?after=%00",
    "/-/pages?after=%ff&prefix=%ff",
    "/-/tags/%ff",
    "/-/tags/%00?after=%00",
    "/-/recent?in=%00&before=1",
    "/-/links/known?after=%00",
    "/-/diff/known?a=1&b=%00",
    "/-/sign-in?page=%00",
    "/-/new?name=%ff&type=%00",
    "/known?rev=1%00&lang=%00",
    "/-/join/%ff",
    "/-/reset/%00",
    "/-/setup?key=%ff",
    "/-/api/v1/pages?tag=%00&type=%ff&in=%00",
    "/-/api/v1/pages/%ff",
    "/-/api/v1/pages/known?include=%00&rev=1",
    "/-/api/v1/recent?in=%ff",
    "/-/api/v1/search?q=%00&tag=%22%00",
    "/-/p/coalitions/?%00=%ff",
    "/-/p/glossary/?q=%ff",
)


def test_odd_bytes_crash_nothing(tmp_path: Path) -> None:  # R7, R22
    app = create_app(config=load(tmp_path, {}))
    wiki: Wiki = app.extensions["wiki"]
    wiki.save(SYSTEM, Draft("known", "text"), 0)
    wiki.accounts.create_user("ana", "admin", PASSWORD)
    client = app.test_client()
    for _ in ("visitor", "admin"):
        for url in ODD:
            response = client.get(url)
            assert response.status_code < 500, url
            check_headers(response, url)
        submit(client, "/-/sign-in", name="ana", password=PASSWORD)
    odd = "a\x00\ud800".encode("utf-8", "surrogatepass")
    token = TOKEN.search(client.get("/-/account").text)
    assert token
    for rule, method in rules(app):
        if method != "POST" or rule.endpoint == "account.sign_out":
            continue
        form = {
            name: odd
            for name in ("name", "text", "comment", "to", "reason", "role", "base",
                         "page", "password", "theirs_n", "type", "resolve", "part-0")
        }  # fmt: skip
        response = client.post(
            address(rule, "known"),
            data=form | {"csrf_token": token.group(1)},
            headers=SAME_SITE,
        )
        assert response.status_code < 500, rule
    wiki.close()
