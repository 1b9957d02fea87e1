"""People: signing in and out, links, passwords, invitations, the first minutes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.service import Wiki
from wiki.testing import PASSWORD, SAME_SITE, TOKEN, submit

FAILED = "This name and password do not belong together."


@pytest.fixture
def account(wiki: Wiki, name: str) -> str:
    """Return the name of an editor with a password."""
    wiki.accounts.create_user(name, "editor", PASSWORD)
    return name


def sign_in(
    client: FlaskClient, name: str, password: str = PASSWORD, **more: Any
) -> Any:
    return submit(client, "/-/sign-in", name=name, password=password, **more)


def cookie(response: Any, name: str) -> str:
    found = [
        c for c in response.headers.getlist("Set-Cookie") if c.startswith(name + "=")
    ]
    assert len(found) == 1, response.headers.getlist("Set-Cookie")
    return found[0]


def who(client: FlaskClient, read: Any) -> str:
    found = read(client.get("/-/search")).all("a", href="/-/account")
    return found[0].text if found else ""


def test_signing_in_and_out(visitor: FlaskClient, read: Any, account: str) -> None:
    done = sign_in(visitor, account)
    assert (done.status_code, done.location) == (303, "/")
    assert who(visitor, read) == account
    out = submit(visitor, "/-/account", "/-/sign-out")
    assert (out.status_code, out.location) == (303, "/")
    assert out.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert who(visitor, read) == ""
    assert visitor.get("/-/account").status_code == 401


def test_the_session_cookie(visitor: FlaskClient, account: str) -> None:  # R15
    short = cookie(sign_in(visitor, account), "wiki")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(short.split("; "))
    assert "Max-Age" not in short
    assert "Domain" not in short
    assert "Secure" not in short
    long = cookie(sign_in(visitor, account, remember="1"), "wiki")
    assert f"Max-Age={30 * 86400}" in long


def test_the_session_cookie_over_https(app: Flask, account: str) -> None:  # R15
    client = app.test_client()
    base = "https://wiki.example.org"
    token = client.get("/-/sign-in", base_url=base)
    found = TOKEN.search(token.text)
    assert found
    assert token.headers.getlist("Set-Cookie")
    for one in token.headers.getlist("Set-Cookie"):
        assert "Secure" in one.split("; ")
    done = client.post(
        "/-/sign-in",
        base_url=base,
        headers=SAME_SITE,
        data={"csrf_token": found.group(1), "name": account, "password": PASSWORD},
    )
    assert done.status_code == 303, done.text
    kept = cookie(done, "__Host-wiki")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(kept.split("; "))
    assert "Domain" not in kept
    assert client.get("/-/account", base_url=base).status_code == 200
    assert "Strict-Transport-Security" in done.headers


def test_a_session_is_new_at_each_sign_in(
    app: Flask, visitor: FlaskClient, read: Any, account: str
) -> None:  # R15
    visitor.set_cookie("wiki", "chosen-by-somebody-else")
    secrets = {cookie(sign_in(visitor, account), "wiki") for _ in range(2)}
    assert len(secrets) == 2
    assert not any("chosen" in one for one in secrets)
    old = app.test_client()
    old.set_cookie("wiki", "chosen-by-somebody-else")
    assert who(old, read) == ""


def test_what_was_signed_out_cannot_be_used_again(
    app: Flask, visitor: FlaskClient, read: Any, account: str
) -> None:
    secret = cookie(sign_in(visitor, account), "wiki").partition(";")[0][5:]
    thief = app.test_client()
    thief.set_cookie("wiki", secret)
    assert who(thief, read) == account
    submit(visitor, "/-/account", "/-/sign-out")
    assert who(thief, read) == ""


@pytest.mark.parametrize(
    ("known", "password"),
    [(True, "wrong password"), (False, PASSWORD), (True, ""), (True, "x" * 10_000)],
)
def test_every_failure_reads_the_same(
    visitor: FlaskClient, read: Any, account: str, known: bool, password: str
) -> None:  # R14
    typed = account if known else "nobody knows me"
    response = sign_in(visitor, typed, password, remember="1", page="some/page")
    assert response.status_code == 401
    page = read(response)
    assert page.one("p", role="alert").text.startswith(FAILED)
    assert page.one("input", id="name")["value"] == typed
    assert page.one("input", name="page")["value"] == "some/page"
    assert "checked" in page.one("input", name="remember").attrs
    assert "value" not in page.one("input", id="password").attrs
    given = {c.partition("=")[0] for c in response.headers.getlist("Set-Cookie")}
    assert given <= {"wiki_form"}


def test_too_many_failures_and_the_right_password_waits(
    visitor: FlaskClient, read: Any, account: str
) -> None:  # R14
    for _ in range(5):
        assert sign_in(visitor, account, "wrong password").status_code == 401
    response = sign_in(visitor, account)
    assert response.status_code == 429
    assert "Wait" in read(response).one("p", role="alert").text
    assert read(response).one("input", id="name")["value"] == account


def test_an_expired_sign_in_form_keeps_the_name(
    visitor: FlaskClient, read: Any, account: str, same_site: dict[str, str]
) -> None:
    form = {"name": account, "password": PASSWORD, "page": "x", "csrf_token": "old"}
    response = visitor.post("/-/sign-in", data=form, headers=same_site)
    assert response.status_code == 400
    page = read(response)
    assert "open for too long" in page.one("p", role="alert").text
    assert page.one("input", id="name")["value"] == account
    assert PASSWORD not in response.text


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "/evil.example",
        "///evil.example",
        "\\\\evil.example",
        "\\evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "\tx",
        "%2f%2fevil.example",
        "a\r\nSet-Cookie: x=y",
        ".//evil.example",
        "-/sign-out",
    ],
)
def test_after_signing_in_one_stays_here(
    visitor: FlaskClient, account: str, to: str
) -> None:  # R16
    asked = visitor.get("/-/sign-in", query_string={"page": to})
    assert asked.status_code == 200
    done = sign_in(visitor, account, page=to)
    assert done.status_code == 303
    assert done.location.startswith("/")
    assert done.location[1:2] not in {"/", "\\"}
    assert "x" not in {c.partition("=")[0] for c in done.headers.getlist("Set-Cookie")}


def test_after_signing_in_one_is_back_at_the_page(
    visitor: FlaskClient, page: Any, read: Any, account: str
) -> None:
    page(f"{account}/a b", "Text")
    link = next(
        url
        for url in read(visitor.get(f"/{account}/a b")).links()
        if url.startswith("/-/sign-in?")
    )
    form = read(visitor.get(link))
    done = sign_in(visitor, account, page=form.one("input", name="page")["value"])
    assert done.location == f"/{account}/a%20b"


def test_plain_http_from_elsewhere_is_refused(app: Flask, account: str) -> None:  # R14
    client = app.test_client()
    base = "http://wiki.example.org"
    found = TOKEN.search(client.get("/-/sign-in", base_url=base).text)
    assert found
    response = client.post(
        "/-/sign-in",
        base_url=base,
        headers=SAME_SITE,
        data={"csrf_token": found.group(1), "name": account, "password": PASSWORD},
    )
    assert response.status_code == 403
    assert "https" in response.text
    for url in ("/-/reset/abc", "/-/setup?key=abc"):
        assert client.get(url, base_url=base).status_code == 403


# -- the first minutes


def test_the_first_link_makes_an_owner_once(read: Any, tmp_path: Any) -> None:  # R14
    app = create_app(config=load(tmp_path, {}), memory=True)
    wiki: Wiki = app.extensions["wiki"]
    key = wiki.accounts.first_link()
    client = app.test_client()
    client.head(f"/-/setup?key={key}")
    done = client.get(f"/-/setup?key={key}")
    assert done.status_code == 303
    assert app.test_client().get(f"/-/setup?key={key}").status_code == 404
    setup = client.get("/-/setup")
    assert read(setup).one("input", id="name")
    bad = submit(client, "/-/setup", name="Ana\x00", password=PASSWORD)
    assert bad.status_code in {400, 422}
    weak = submit(client, "/-/setup", name="Ana", password="12345678")
    assert weak.status_code == 422
    assert read(weak).one("input", id="name")["value"] == "Ana"
    done = submit(client, "/-/setup", name="Ana", password=PASSWORD)
    assert done.status_code == 303
    assert "Done: you sign in as Ana" in read(client.get("/-/setup")).text
    # From now on there is no such link.
    assert wiki.accounts.first_link() is None
    assert sign_in(app.test_client(), "ana").status_code == 303
    assert app.test_client().get("/-/setup").status_code == 401
    wiki.close()


def test_setup_is_for_admins(people: Callable[[str], FlaskClient]) -> None:
    assert people("moderator").get("/-/setup").status_code == 403
    response = submit(
        people("moderator"), "/-/account", "/-/setup", name="x", password="y"
    )
    assert response.status_code == 403
