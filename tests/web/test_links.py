"""One-time links in the browser, forgotten passwords, the address for mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.service import Wiki
from wiki.testing import PASSWORD, SAME_SITE, TOKEN, submit

from ..mail_server import Box, serving
from .joining import making, path_of, told, who

OTHER = "staple of another kind"


@pytest.fixture
def account(wiki: Wiki, name: str) -> str:
    """Return the name of an editor with a password."""
    wiki.accounts.create_user(name, "editor", PASSWORD)
    return name


@pytest.fixture
def link(wiki: Wiki, account: str) -> str:
    """Return the path of a one-time link of that editor."""
    return f"/-/reset/{wiki.accounts.link_for(wiki.accounts.user_id(account))}"


# -- following one


def test_a_one_time_link_signs_in_once(
    app: Flask, visitor: FlaskClient, read: Any, account: str, link: str
) -> None:
    page = visitor.get(link)
    assert page.status_code == 200
    assert read(page).one("main").one("button").text == f"Sign in as {account}"
    assert who(visitor, read) == ""
    done = submit(visitor, link)
    assert (done.status_code, done.location) == (303, "/-/account/sign-in")
    assert who(visitor, read) == account
    set_ = submit(visitor, "/-/account/sign-in", "/-/account/password", password=OTHER)
    assert set_.status_code == 303
    again = app.test_client()
    assert again.get(link).status_code == 404
    assert "used or is too old" in again.get(link).text
    assert submit(again, "/-/sign-in", link).status_code == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_at_a_link_does_not_use_it_up(
    app: Flask, visitor: FlaskClient, link: str, method: str
) -> None:  # R13
    for _ in range(3):
        answer = visitor.open(link, method=method)
        assert not any("wiki=" in one for one in answer.headers.getlist("Set-Cookie"))
    assert submit(app.test_client(), link).status_code == 303


def test_following_needs_the_form_of_this_site(
    app: Flask, link: str, same_site: dict[str, str]
) -> None:  # R13
    client = app.test_client()
    assert client.post(link, headers=same_site).status_code == 400
    foreign = {"Sec-Fetch-Site": "cross-site"}
    token = TOKEN.search(client.get(link).text)
    assert token
    sent = client.post(link, data={"csrf_token": token.group(1)}, headers=foreign)
    assert sent.status_code == 400
    assert submit(client, link).status_code == 303


def test_an_administrator_makes_a_link_in_the_browser(
    app: Flask,
    people: Callable[[str], FlaskClient],
    wiki: Wiki,
    read: Any,
    account: str,
) -> None:
    admin, user_id = people("admin"), wiki.accounts.user_id(account)
    assert "Make a sign-in link" in admin.get(f"/-/admin/people/{user_id}").text
    made = submit(
        admin, f"/-/admin/people/{user_id}", f"/-/admin/people/{user_id}/link"
    )
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    path = path_of(read(made).one("input", id="link")["value"])
    client = app.test_client()
    assert submit(client, path).status_code == 303
    assert who(client, read) == account
    assert wiki.accounts.audit.acts()[0].kind == "account.link"
    none = submit(admin, "/-/admin/people", "/-/admin/people/9999/link")
    assert none.status_code == 404


@pytest.mark.parametrize("role", ["visitor", "member", "editor", "moderator"])
def test_nobody_else_makes_one(
    people: Callable[[str], FlaskClient], wiki: Wiki, account: str, role: str
) -> None:  # R14
    source = "/-/sign-in" if role == "visitor" else "/-/account"
    url = f"/-/admin/people/{wiki.accounts.user_id(account)}/link"
    response = submit(people(role), source, url)
    assert response.status_code == (401 if role == "visitor" else 403)
    assert "/-/reset/" not in response.text


# -- a forgotten password


def test_without_mail_an_administrator_is_asked(
    visitor: FlaskClient, read: Any
) -> None:
    page = visitor.get("/-/forgot")
    assert "Ask an administrator for a sign-in link" in read(page).text
    assert read(page).one("main").all("form") == []
    assert not page.headers.getlist("Set-Cookie")
    assert "/-/forgot" not in str(read(visitor.get("/-/sign-in")).links())


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def mailing(tmp_path: Any, box: Box) -> Iterator[Flask]:
    """Give a wiki with a mail server; Ana has an address, Bo has none."""
    with serving(box) as port, making(tmp_path) as make:
        app = make(
            site__url="http://localhost",
            site__title="River Union",
            mail__url=f"smtp://127.0.0.1:{port}",
            mail__from="wiki@example.org",
        )
        accounts = app.extensions["wiki"].accounts
        for name in ("Ana", "Bo"):
            accounts.create_user(name, "editor", PASSWORD)
        client = app.test_client()
        submit(client, "/-/sign-in", name="Ana", password=PASSWORD)
        submit(client, "/-/account/email", email="ana@example.org")
        yield app


def test_a_link_comes_by_mail(mailing: Flask, box: Box, read: Any) -> None:
    client = mailing.test_client()
    assert "/-/forgot" in read(client.get("/-/sign-in")).links()
    answer = submit(client, "/-/forgot", who="Ana")
    assert "a link is on its way" in read(answer).text
    mailing.extensions["wiki"].accounts.outbox.wait()
    (message,) = box.messages
    assert message["To"] == "ana@example.org"
    assert message["Subject"] == "A new password for River Union"
    found = re.search(r"http://localhost(/-/reset/\S+)", message.get_content())
    assert found
    done = submit(client, found.group(1))
    assert (done.status_code, done.location) == (303, "/-/account/sign-in")
    set_ = submit(client, done.location, "/-/account/password", password=OTHER)
    assert set_.status_code == 303
    other = mailing.test_client()
    signed = submit(other, "/-/sign-in", name="ana", password=OTHER)
    assert signed.status_code == 303


def test_a_link_comes_in_the_language_of_who_asks(mailing: Flask, box: Box) -> None:
    client = mailing.test_client()
    token = TOKEN.search(client.get("/-/forgot").text)
    assert token
    client.post(
        "/-/forgot",
        data={"csrf_token": token.group(1), "who": "ana@example.org"},
        headers={**SAME_SITE, "Accept-Language": "es"},
    )
    mailing.extensions["wiki"].accounts.outbox.wait()
    assert "/-/reset/" in box.messages[0].get_content()


def test_the_answer_is_the_same_for_everybody(mailing: Flask, box: Box) -> None:  # R14
    answers = []
    for typed in ("Ana", "Bo", "nobody", "ana@example.org", "no@example.org", "(wiki)"):
        answer = submit(mailing.test_client(), "/-/forgot", who=typed)
        body = re.sub(r'value="[^"]{30,}"', "", answer.text)
        answers.append((answer.status_code, body, sorted(answer.headers.keys())))
    assert all(one == answers[0] for one in answers)
    assert answers[0][0] == 200
    mailing.extensions["wiki"].accounts.outbox.wait()
    assert {message["To"] for message in box.messages} == {"ana@example.org"}


def test_the_request_does_the_same_for_everybody(
    mailing: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:  # R14
    accounts = mailing.extensions["wiki"].accounts
    jobs: list[Any] = []
    monkeypatch.setattr(accounts.outbox, "put", lambda job: jobs.append(job) or True)
    looked: list[Any] = []
    monkeypatch.setattr(accounts, "_meant_by", lambda it: looked.append(it) or [])
    for typed in ("Ana", "nobody"):
        submit(mailing.test_client(), "/-/forgot", who=typed)
    # Who is meant is looked up after the answer.
    assert len(jobs) == 2
    assert looked == []


def test_a_link_begins_with_the_wikis_own_address(mailing: Flask, box: Box) -> None:
    """Whoever asks with another host's name does not have the link point there."""
    client = mailing.test_client()
    token = TOKEN.search(client.get("/-/forgot").text)
    assert token
    sent = client.post(
        "/-/forgot",
        base_url="http://evil.example",
        data={"csrf_token": token.group(1), "who": "Ana"},
        headers=SAME_SITE,
    )
    assert sent.status_code == 400
    mailing.extensions["wiki"].accounts.outbox.wait()
    assert box.messages == []


@pytest.mark.parametrize(
    "typed",
    ["ana@example.org\r\nBcc: eve@example.org", "Ana\x00", "\ud800", "x" * 9999],
)
def test_odd_text_sends_nothing(mailing: Flask, box: Box, typed: str) -> None:
    raw = typed.encode("utf-8", "surrogatepass")
    answer = submit(mailing.test_client(), "/-/forgot", who=raw)
    assert answer.status_code == 200
    mailing.extensions["wiki"].accounts.outbox.wait()
    assert box.messages == []


def test_ten_links_an_hour_from_one_network(mailing: Flask, read: Any) -> None:
    client = mailing.test_client()
    for n in range(10):
        assert submit(client, "/-/forgot", who=f"nobody {n}").status_code == 200
    refused = submit(client, "/-/forgot", who="Ana")
    assert refused.status_code == 429
    assert read(refused).one("input", id="who")["value"] == "Ana"


def test_a_mail_server_that_is_away_changes_no_answer(
    mailing: Flask, box: Box, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "wiki.mail.smtplib.SMTP", lambda *a, **k: (_ for _ in ()).throw(OSError())
    )
    answer = submit(mailing.test_client(), "/-/forgot", who="Ana")
    assert "a link is on its way" in read(answer).text
    mailing.extensions["wiki"].accounts.outbox.wait()
    assert submit(mailing.test_client(), "/-/forgot", who="Ana").status_code == 200
    accounts = mailing.extensions["wiki"].accounts
    accounts.create_user("chief", "admin", PASSWORD)
    admin = mailing.test_client()
    submit(admin, "/-/sign-in", name="chief", password=PASSWORD)
    assert "A mail could not be sent on" in read(admin.get("/-/admin/")).text


# -- the own address


def test_the_own_address_is_kept_and_forgotten(
    mailing: Flask, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = mailing.extensions["wiki"].accounts
    client = mailing.test_client()
    submit(client, "/-/sign-in", name="Ana", password=PASSWORD)
    assert "/-/account/email" in read(client.get("/-/account/sign-in")).links()
    form = read(client.get("/-/account/email"))
    assert form.one("input", id="email")["value"] == "ana@example.org"
    bad = submit(client, "/-/account/email", email="ana@")
    assert bad.status_code == 422
    assert read(bad).one("input", id="email")["value"] == "ana@"
    later = accounts._now() + 16 * 60_000
    monkeypatch.setattr(accounts, "_now", lambda: later)
    for proof in ("", "wrong one"):
        refused = submit(
            client, "/-/account/email", email="eve@example.org", proof=proof
        )
        assert refused.status_code == 401
        assert told(read, refused)
    assert "ana@example.org" in client.get("/-/account/email").text
    done = submit(client, "/-/account/email", email="", proof=PASSWORD)
    assert done.status_code == 303
    assert "ana@example.org" not in client.get("/-/account/email").text
    assert accounts.audit.acts()[0].kind == "account.email"


def test_nobody_else_is_shown_an_address(mailing: Flask) -> None:  # P12
    accounts = mailing.extensions["wiki"].accounts
    accounts.create_user("chief", "admin", PASSWORD)
    admin = mailing.test_client()
    submit(admin, "/-/sign-in", name="chief", password=PASSWORD)
    ana = accounts.user_id("Ana")
    for url in ("/-/admin/people", f"/-/admin/people/{ana}", "/-/admin/log"):
        page = admin.get(url)
        assert page.status_code == 200, url
        assert "example.org" not in page.text.replace("wiki@example.org", ""), url
    assert mailing.test_client().get("/-/account/email").status_code == 401


def test_programs_that_keep_passwords_find_the_form(visitor: FlaskClient) -> None:
    answer = visitor.get("/.well-known/change-password")
    assert (answer.status_code, answer.location) == (302, "/-/account/sign-in")
    assert not answer.headers.getlist("Set-Cookie")
