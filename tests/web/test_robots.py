"""What search engines may list: said in header, page and robots.txt alike (P16)."""

from __future__ import annotations

import re
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

from .everywhere import address, rules

META = re.compile(r'<meta name="robots" content="([^"]*)">')
GROUP = "---\ntype: group\ntitle: A group\nsummary: We meet.\n{more}---\nWho we are.\n"


def said(client: FlaskClient, path: str) -> str:
    """Return what an answer says to search engines; header and page must agree."""
    response = client.get(path)
    header = response.headers.getlist("X-Robots-Tag")
    assert len(header) == 1, path
    if response.mimetype == "text/html" and response.status_code < 300:
        found = META.findall(response.text)
        assert found == ([] if header == ["all"] else ["noindex"]), path
    return header[0]


def test_p16_every_other_route_is_kept_from_search_engines(
    app: Flask, visitor: FlaskClient, admin: FlaskClient, known: str
) -> None:  # P16
    for client in (visitor, admin):
        for rule, method in rules(app):
            if method != "GET" or rule.endpoint.startswith("page."):
                continue
            path = address(rule, known)
            said_here = client.get(path).headers.get("X-Robots-Tag")
            assert said_here == "noindex", path
    assert said(visitor, f"/{known}") == "all"
    assert said(visitor, "/") == "all"
    for path in (f"/{known}?rev=1", f"/{known}.md", "/no-such-page", "/-/recent"):
        assert said(visitor, path) == "noindex", path


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Words.", "all"),
        ("---\nindex: false\n---\nWords.", "noindex"),
        ("---\naudience: members\n---\nWords.", "noindex"),
        ("---\naudience: members\nindex: true\n---\nWords.", "noindex"),
        (GROUP.format(more=""), "noindex"),
        (GROUP.format(more="index: true\n"), "all"),
        (GROUP.format(more="index: yes please\n"), "noindex"),
        (GROUP.format(more="index: true\naudience: admins\n"), "noindex"),
    ],
)
def test_p16_the_directory_and_restricted_pages_are_kept_from_them(
    app: Flask, admin: FlaskClient, name: str, text: str, wanted: str
) -> None:  # P16
    wiki: Wiki = app.extensions["wiki"]
    wiki.save(SYSTEM, Draft(name, text), 0)
    # Twice: from the view, and from what is kept of it.
    for _ in range(2):
        assert said(admin, f"/{name}") == wanted


def test_p16_what_is_kept_for_visitors_says_the_same(
    app: Flask, visitor: FlaskClient, name: str
) -> None:  # P16
    wiki: Wiki = app.extensions["wiki"]
    wiki.save(SYSTEM, Draft(name, "Words."), 0)
    wiki.save(SYSTEM, Draft(f"{name}-group", GROUP.format(more="")), 0)
    for _ in range(3):
        assert said(visitor, f"/{name}") == "all"
        assert said(visitor, f"/{name}-group") == "noindex"
    tag = visitor.get(f"/{name}").headers["ETag"]
    same = visitor.get(f"/{name}", headers={"If-None-Match": tag})
    assert same.status_code == 304
    assert same.headers["X-Robots-Tag"] == "all"


@pytest.mark.parametrize(
    ("setting", "group", "page", "closed"),
    [
        ({}, "noindex", "all", "/-/"),
        ({"site.index_directory": True}, "all", "all", "/-/"),
        (
            {"access.read": "members", "site.index_directory": True},
            "noindex",
            "noindex",
            "/",
        ),
    ],
    ids=str,
)
def test_p16_a_site_says_it_once_for_all(
    tmp_path: Path, setting: Any, group: str, page: str, closed: str
) -> None:  # P16
    app = create_app(config=load(tmp_path, {}, setting), memory=True)
    wiki: Wiki = app.extensions["wiki"]
    wiki.save(SYSTEM, Draft("ours", GROUP.format(more="audience: public\n")), 0)
    wiki.save(SYSTEM, Draft("open", "---\naudience: public\n---\nWords."), 0)
    client = app.test_client()
    assert said(client, "/ours") == group
    assert said(client, "/open") == page
    wanted = f"User-agent: *\nDisallow: {closed}\n"
    if closed != "/":
        wanted += "Sitemap: http://localhost/sitemap.xml\n"
    assert client.get("/robots.txt").text == wanted
    wiki.close()
