"""The list of public pages for search engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from wiki.app import create_app
from wiki.config import load
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.service import Wiki
from wiki.web import sitemap

NS = {"m": sitemap.MAP, "x": sitemap.XHTML}


def wiki_of(folder: Path, **settings: Any) -> tuple[Any, Wiki]:
    values = {key.replace("__", "."): value for key, value in settings.items()}
    app = create_app(config=load(folder, {}, values), memory=True)
    return app.test_client(), app.extensions["wiki"]


def save(wiki: Wiki, name: str, front: str = "", text: str = "x") -> None:
    wiki.save(SYSTEM, Draft(name, f"---\n{front}\n---\n{text}\n"), 0)


def urls(answer: Any) -> list[str]:
    assert answer.status_code == 200
    assert answer.content_type == "application/xml; charset=utf-8"
    root = ElementTree.fromstring(answer.data)
    return [it.text or "" for it in root.findall(".//m:loc", NS)]


def test_only_public_pages_that_may_be_listed(tmp_path: Path) -> None:  # R10
    client, wiki = wiki_of(tmp_path)
    save(wiki, "open")
    save(wiki, "“über” & <b>/x y")
    save(wiki, "hidden", "audience: members")
    save(wiki, "kept", "index: false")
    save(wiki, "gone")
    wiki.delete(SYSTEM, "gone")
    found = urls(client.get("/sitemap.xml"))
    assert found == [
        "http://localhost/open",
        "http://localhost/%E2%80%9C%C3%BCber%E2%80%9D%20&%20%3Cb%3E/x%20y",
    ]
    assert "Sitemap: http://localhost/sitemap.xml\n" in client.get("/robots.txt").text
    # It follows at once when a page is hidden.
    wiki.save(SYSTEM, Draft("open", "---\naudience: members\n---\n"), 1)
    assert "http://localhost/open" not in urls(client.get("/sitemap.xml"))
    wiki.close()


def test_a_private_wiki_has_none(tmp_path: Path) -> None:  # R10
    client, wiki = wiki_of(tmp_path, access__read="members")
    save(wiki, "open", "audience: public")
    assert client.get("/sitemap.xml").status_code == 404
    robots = client.get("/robots.txt")
    assert robots.text == "User-agent: *\nDisallow: /\n"
    assert robots.headers["X-Robots-Tag"] == "noindex"
    wiki.close()


def test_translations_name_each_other(tmp_path: Path) -> None:
    client, wiki = wiki_of(tmp_path, site__url="https://wiki.example.org")
    save(wiki, "guides/a")
    save(wiki, "es/a", "lang: es\ntranslation_of: guides/a")
    save(wiki, "ar/a", "lang: ar\ntranslation_of: Guides/A")
    save(wiki, "fr/a", "lang: fr\ntranslation_of: guides/none")
    save(wiki, "de/a", "lang: de\ntranslation_of: [x]")
    root = ElementTree.fromstring(
        client.get("/sitemap.xml", base_url="https://wiki.example.org").data
    )
    found = {}
    for url in root.findall("m:url", NS):
        place = (url.findtext("m:loc", "", NS)).removeprefix("https://wiki.example.org")
        links = url.findall("x:link", NS)
        found[place] = {it.get("hreflang"): it.get("href") for it in links}
    every = {
        "en": "https://wiki.example.org/guides/a",
        "es": "https://wiki.example.org/es/a",
        "ar": "https://wiki.example.org/ar/a",
    }
    assert found == {
        "/guides/a": every,
        "/es/a": every,
        "/ar/a": every,
        "/fr/a": {},
        "/de/a": {},
    }
    wiki.close()


def test_dates_are_whole_days(tmp_path: Path) -> None:
    client, wiki = wiki_of(tmp_path)
    save(wiki, "a")
    text = ElementTree.fromstring(client.get("/sitemap.xml").data).findtext(
        ".//m:lastmod", "", NS
    )
    assert len(text) == len("2026-11-24")
    wiki.close()


def test_it_is_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "PART", 4)
    monkeypatch.setattr(sitemap, "BATCH", 3)
    client, wiki = wiki_of(tmp_path)
    for n in range(10):
        save(wiki, f"p{n}", "audience: members" if n == 2 else "")
    parts = urls(client.get("/sitemap.xml"))
    assert parts == [f"http://localhost/sitemap.xml?part={n}" for n in (1, 2, 3)]
    found = [urls(client.get(part)) for part in parts]
    assert [len(part) for part in found] == [4, 4, 1]
    listed = [url for part in found for url in part]
    assert listed == [f"http://localhost/p{n}" for n in range(10) if n != 2]
    for wrong in ("4", "0", "-1", "x", "99999999999999999999", "1.5"):
        assert client.get(f"/sitemap.xml?part={wrong}").status_code == 404, wrong
    wiki.close()


def test_what_did_not_change_is_not_sent(tmp_path: Path) -> None:
    client, wiki = wiki_of(tmp_path)
    save(wiki, "a")
    tag = client.get("/sitemap.xml").headers["ETag"]
    again = client.get("/sitemap.xml", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    save(wiki, "b")
    new = client.get("/sitemap.xml", headers={"If-None-Match": tag})
    assert new.status_code == 200
    wiki.close()
