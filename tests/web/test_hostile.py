"""Hostile text is only text, wherever it is shown; judged by the tree of the page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.errors import BadName
from wiki.service import Wiki
from wiki.testing import PASSWORD, SAME_SITE, submit

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "%(name)s %s {0}",
    "<!-- --><![CDATA[",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202etxt.exe\u2066",
    "<a href=javascript:alert(1)>x</a>",
    "<style>*{}</style><base href=//evil>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "--><script>alert(1)</script>",
]
ACTIVE_TAGS = {
    "iframe", "object", "embed", "base", "style", "math", "template", "noscript",
    "frame", "applet",
}  # fmt: skip
URLS = ("href", "src", "action", "formaction", "srcset", "data", "poster")


def check_nothing_active(read: Any, response: Any, where: str) -> Any:
    """Judge a page by its tree: only what our own templates write may be active."""
    page = read(response)
    for one in page.walk():
        assert one.tag not in ACTIVE_TAGS, (where, one.tag)
        if one.tag == "script":
            assert one["src"].startswith("/-/static/"), where
            assert not one.text, where
        if one.tag == "meta":
            assert "http-equiv" not in one.attrs, where
        for name, value in one.attrs.items():
            assert not name.startswith("on"), (where, one.tag, name)
            assert name not in {"style", "srcdoc"}, (where, one.tag)
            if name in URLS:
                scheme = urlsplit(value).scheme if value.isprintable() else "?"
                assert scheme in {"", "http", "https", "mailto", "tel"}, (where, value)
                assert not value.startswith(("//", "\\")), (where, value)
    return page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(
    editor: FlaskClient,
    visitor: FlaskClient,
    read: Any,
    save: Any,
    wiki: Wiki,
    name: str,
    text: str,
) -> None:  # R1
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    source = (
        f'---\ntitle: "{quoted}"\ntags: ["{quoted}"]\nlang: "{quoted}"\n'
        f'type: "{quoted}"\n"{quoted}": "{quoted}"\n---\n'
        f"# {text}\n\n{text}\n\n[[{text}]] [x]({text}) ![{text}](<{text}>)\n\n"
        f"`{text}`\n\n```{text}\n{text}\n```\n\n| {text} |\n|---|\n| {text} |\n"
    )
    done = save(editor, name, source, comment=text)
    assert done.status_code == 303, done.text
    save(editor, name, source + "\nmore\n", 1, comment=text)
    save(editor, f"{name}-b", f"[[{name}]]")
    shown_title = " ".join(text.split())
    for url in (
        f"/{name}",
        f"/{name}?rev=1",
        f"/-/history/{name}",
        f"/-/diff/{name}?a=1&b=2",
        f"/-/diff/{name}?a=1&b=2&mode=inline",
        f"/-/edit/{name}",
        f"/-/rename/{name}",
        f"/-/delete/{name}",
        f"/-/restore/{name}?rev=1",
        f"/-/links/{name}",
        f"/-/recent?in={name}",
        f"/-/pages?prefix={name}",
        "/-/tags",
        f"/-/search?q={name}",
        "/-/reports/wanted",
        f"/{name}-b",
    ):
        page = check_nothing_active(read, editor.get(url), url)
        assert len(page.all("h1")) >= 1, url
    title = read(visitor.get(f"/{name}")).one("title").text
    assert title.startswith(shown_title), title
    assert read(visitor.get(f"/{name}")).all("h1")[0].text == shown_title
    words = read(visitor.get(f"/-/history/{name}")).all("td", class_="words")
    assert words[0].text == shown_title


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_echoed_as_text(
    editor: FlaskClient, read: Any, save: Any, text: str, name: str
) -> None:  # R1
    for url, query in (
        ("/-/search", {"q": text}),
        ("/-/search", {"q": "x", "tag": text, "in": text}),
        ("/-/pages", {"prefix": text}),
        ("/-/recent", {"in": text}),
        ("/-/new", {"name": text, "type": text}),
        ("/-/sign-in", {"page": text}),
        ("/known", {"rev": text, "lang": text}),
        ("/-/pages", {"after": text}),
    ):
        check_nothing_active(read, editor.get(url, query_string=query), url)
    for prefix in ("/", "/-/tags/", "/-/history/", "/-/edit/", "/-/files/", "/-/x/"):
        path = (prefix + text).encode().decode("latin-1")  # as WSGI has it
        response = editor.get("/", environ_overrides={"PATH_INFO": path})
        if response.content_type.startswith("text/html") and not response.location:
            check_nothing_active(read, response, prefix)
    found = read(editor.get("/-/search", query_string={"q": text}))
    assert found.one("input", id="find")["value"] == text
    refused = save(editor, "-/" + text, text, comment=text)
    assert refused.status_code in {400, 422}
    page = check_nothing_active(read, refused, "refused")
    assert page.one("textarea", name="text").value == text
    kept = editor.post(f"/-/delete/{name}", data={"reason": text}, headers=SAME_SITE)
    page = check_nothing_active(read, kept, "error page")
    assert page.one("textarea", id="kept").value == text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_of_people_and_flashes(
    app: Flask, wiki: Wiki, read: Any, save: Any, text: str, name: str
) -> None:  # R1
    refused = submit(app.test_client(), "/-/sign-in", name=text, password="x" * 9)
    page = check_nothing_active(read, refused, "sign-in")
    assert page.one("input", id="name")["value"] == text
    person = "".join(c for c in text if c not in '/\\<>@,;:"' and c.isprintable())
    person = f"{name[-8:]} {person}".strip()[:64]
    try:
        wiki.accounts.create_user(person, "editor", PASSWORD)
    except BadName:  # what is left of it is still no name
        return
    client = app.test_client()
    submit(client, "/-/sign-in", name=person, password=PASSWORD)
    source = f"---\ntitle: '{text.replace(chr(39), chr(39) * 2)}'\n---\nx"
    assert save(client, name, source).status_code == 303
    for url in (f"/{name}", f"/-/history/{name}", "/-/account", f"/-/recent?in={name}"):
        check_nothing_active(read, client.get(url), url)
    deleted = submit(client, f"/-/delete/{name}")
    page = check_nothing_active(read, client.get(deleted.location), "flash")
    assert " ".join(text.split()) in page.one("p", role="status").text


def test_snippets_of_the_api_are_data(
    visitor: FlaskClient, page: Any, name: str
) -> None:
    page(name, "The word xylograph <img src=x onerror=alert(1)> stands `<b>here</b>`.")
    got = visitor.get("/-/api/v1/search?q=xylograph")
    assert got.content_type == "application/json"
    text = "".join(part["text"] for part in got.get_json()["items"][0]["snippet"])
    assert "xylograph" in text
    assert set(got.get_json()["items"][0]["snippet"][0]) <= {"text", "mark"}
