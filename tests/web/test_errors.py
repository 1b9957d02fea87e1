"""Every error has a page with words, all headers, and nothing of the machine (R22)."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from wiki import errors
from wiki.errors import WikiError
from wiki.service import Wiki
from wiki.testing import TOKEN
from wiki.web.errors import HTTP, http_error

MACHINE = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|/srv/|/tmp/|sqlite|SELECT |"
    r"werkzeug|flask|jinja|whoosh|object at 0x",
    re.IGNORECASE,
)


def abort_as(status: int) -> HTTPException:
    error = HTTPException()
    error.code = status
    return error


def kinds() -> list[type[WikiError]]:
    found, open_kinds = [], [WikiError]
    while open_kinds:
        kind = open_kinds.pop()
        open_kinds += kind.__subclasses__()
        found.append(kind)
    return sorted(found, key=lambda kind: kind.__name__)


def make(kind: type[WikiError]) -> WikiError:
    given: dict[str, tuple[Any, ...]] = {
        "Gone": (1, "x", 1, 0, "somebody"),
        "NameTaken": ("x",),
        "NameHeld": ("x",),
        "AccountTaken": ("x",),
        "GroupTaken": ("x",),
        "SecondStepNeeded": ("x",),
        "Wider": ("members", "public"),
        "Conflict": (1, 1, 2),
        "LooksTwice": (["People can sign in without encryption."],),
    }
    if kind is errors.TooLarge:
        return kind(size=1, limit=2)
    if kind.__name__ == "OutgoingFailed":
        return kind(reason="it was closed")
    return kind(*given.get(kind.__name__, ()))


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_error_is_a_sentence_on_a_page(
    visitor: FlaskClient, wiki: Wiki, read: Any, monkeypatch: Any, kind: Any
) -> None:
    error = make(kind)

    def fail(*args: Any, **rest: Any) -> None:
        raise error

    monkeypatch.setattr(wiki, "history", fail)
    monkeypatch.setattr(wiki, "page", fail)
    response = visitor.get("/-/history/x")
    assert response.status_code == kind.status
    page = read(response)
    assert len(page.all("h1")) == 1
    text = page.one("p", class_="lede").text
    assert text[0].isupper()
    assert text.endswith((".", ")"))
    assert "%(" not in text
    assert re.search(r"r-[0-9a-f]{8}", response.text)
    assert not MACHINE.search(page.text)
    assert response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    monkeypatch.setattr(wiki, "get", fail)
    api = visitor.get("/-/api/v1/history/x")
    assert api.status_code == kind.status
    assert api.content_type == "application/problem+json"
    assert api.headers.get("Retry-After") is not None or kind.status not in {429, 503}


def test_a_crash_says_nothing_of_the_machine(
    visitor: FlaskClient,
    editor: FlaskClient,
    wiki: Wiki,
    read: Any,
    save: Any,
    monkeypatch: Any,
    caplog: Any,
) -> None:
    def fail(*args: Any, **rest: Any) -> None:
        raise ZeroDivisionError("secret /srv/path SELECT")

    monkeypatch.setattr(wiki, "recent", fail)
    with caplog.at_level(logging.ERROR):
        response = visitor.get("/-/recent?in=private")
    assert response.status_code == 500
    assert not MACHINE.search(read(response).text)
    assert "secret" not in response.text
    report = re.search(r"r-[0-9a-f]{8}", response.text)
    assert report
    assert report.group(0) in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "private" not in caplog.text
    monkeypatch.setattr(wiki, "save", fail)
    typed = save(editor, "crash", "My long text")
    assert typed.status_code == 500
    assert read(typed).one("textarea", id="kept").value == "My long text"


def test_an_error_needs_neither_plugins_nor_database(
    app: Flask, wiki: Wiki, read: Any, monkeypatch: Any
) -> None:
    for part in ("store", "door", "accounts"):
        monkeypatch.setattr(wiki, part, None)
    client = app.test_client()
    for url in ("/", "/some/page", "/-/recent", "/-/search?q=x", "/-/sign-in"):
        response = client.get(url)
        assert response.status_code in {200, 500}, url
        if response.status_code == 500:
            assert read(response).one("h1").text == "This did not work"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_methods_that_are_not_there(editor: FlaskClient, method: str) -> None:
    response = editor.open("/-/search", method=method)
    assert response.status_code in {400, 405}
    if method == "TRACE":
        assert "wiki=" not in response.text


def test_405_names_what_is_allowed(editor: FlaskClient, same_site: Any) -> None:
    token = TOKEN.search(editor.get("/-/account").text)
    assert token
    response = editor.post(
        "/-/search", data={"csrf_token": token.group(1)}, headers=same_site
    )
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_every_status_we_name_has_words(app: Flask, read: Any) -> None:
    for status, words in HTTP.items():
        assert words.endswith(".")
        with app.test_request_context("/x"):
            app.preprocess_request()
            response = http_error(abort_as(status))
            assert response.status_code == status
            shown = read(response.get_data(as_text=True))
            assert shown.one("p", class_="lede").text == words


def test_what_was_typed_stands_on_the_page_of_an_error(
    editor: FlaskClient, read: Any, page: Any, name: str, same_site: Any
) -> None:
    page(name, "Text")
    for url, field in (
        (f"/-/rename/{name}", "to"),
        (f"/-/delete/{name}", "reason"),
        (f"/-/restore/{name}", "reason"),
    ):
        response = editor.post(url, data={field: "My words"}, headers=same_site)
        assert response.status_code == 400
        assert read(response).one("textarea", id="kept").value == "My words"
        assert "open for too long" in read(response).one("p", class_="lede").text


def test_a_password_never_stands_on_the_page_of_an_error(
    editor: FlaskClient, same_site: Any
) -> None:
    form = {"password": "my password 12", "old_password": "my password 11"}
    response = editor.post("/-/account/password", data=form, headers=same_site)
    assert response.status_code == 400
    assert "my password" not in response.text


def test_the_debugger_cannot_be_had(app: Flask, monkeypatch: Any) -> None:
    for variable in ("FLASK_DEBUG", "FLASK_ENV"):
        monkeypatch.setenv(variable, "1")
    assert not app.debug
    client = app.test_client()
    assert client.get("/console").status_code == 404
    asked = client.get("/?__debugger__=yes&cmd=resource&f=debugger.js")
    assert asked.content_type == "text/html; charset=utf-8"
