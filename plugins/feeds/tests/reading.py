"""Reads a feed as a strict feed reader does: what RFC 4287 demands is asserted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

A = "{http://www.w3.org/2005/Atom}"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
URI = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]+")
TAG_URI = re.compile(r"tag:[a-z0-9.-]+,\d{4}(-\d\d(-\d\d)?)?:[!-~]+")


@dataclass
class Read:
    """A feed: its head, and its entries by the order they stand in."""

    id: str
    title: str
    updated: str
    own: str
    entries: list[dict[str, str]]

    def names(self) -> list[str]:
        return [one["url"].removeprefix("http://localhost/") for one in self.entries]


def read(response: Any) -> Read:
    """Return a feed; every MUST of RFC 4287 about what we use is looked at."""
    assert response.status_code == 200, response.text[:500]
    assert response.content_type == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.data)
    assert root.tag == A + "feed"
    known = {"id", "title", "updated", "author", "link", "entry"}
    assert {it.tag for it in root} <= {A + name for name in known}
    entries = [_entry(it) for it in root.findall(A + "entry")]
    _person(root)
    links = _links(root)
    assert len(links["alternate"]) == 1
    # Each entry is there once.
    assert len({it["id"] for it in entries}) == len(entries)
    return Read(
        _id(root),
        _text(root, "title"),
        _time(root),
        "".join(links.get("self", [])),
        entries,
    )


def _entry(node: Element) -> dict[str, str]:
    known = {"id", "title", "updated", "author", "link", "summary", "content"}
    assert {it.tag for it in node} <= {A + name for name in known}
    links = _links(node)
    # Without content, there must be a link to it.
    assert len(links["alternate"]) == 1
    content = node.find(A + "content")
    if content is not None:
        assert content.get("type") == "html"
        assert len(content) == 0
    return {
        "id": _id(node),
        "title": _text(node, "title"),
        "updated": _time(node),
        "author": _person(node),
        "url": links["alternate"][0],
        "summary": _text(node, "summary"),
        "html": "" if content is None else content.text or "",
    }


def _one(node: Element, name: str) -> Element:
    found = node.findall(A + name)
    assert len(found) == 1, name
    return found[0]


def _text(node: Element, name: str) -> str:
    found = _one(node, name)
    assert found.get("type", "text") == "text"
    assert len(found) == 0
    return found.text or ""


def _id(node: Element) -> str:
    found = _one(node, "id").text or ""
    assert TAG_URI.fullmatch(found), found
    return found


def _time(node: Element) -> str:
    found = _one(node, "updated").text or ""
    assert TIME.fullmatch(found), found
    return found


def _person(node: Element) -> str:
    found = _one(_one(node, "author"), "name").text
    assert found
    return found


def _links(node: Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in node.findall(A + "link"):
        assert URI.fullmatch(one.get("href", "")), one.get("href")
        found.setdefault(one.get("rel", "alternate"), []).append(one.get("href", ""))
    return found
