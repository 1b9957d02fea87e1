"""Atom (RFC 4287): plain data in, the bytes of a feed out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

TYPE = "application/atom+xml"
ATOM = "{http://www.w3.org/2005/Atom}"
XML = "{http://www.w3.org/XML/1998/namespace}"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# XML 1.0 has no way to say these.
UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ElementTree.register_namespace("", ATOM.strip("{}"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One change; ``id`` stays the same when the page gets another name."""

    id: str
    title: str
    url: str
    updated: datetime
    author: str
    summary: str
    html: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """``url`` is what the feed is about."""

    id: str
    title: str
    url: str
    entries: Sequence[Entry]


def written(feed: Feed, site: str, own: str) -> bytes:
    """Return a feed as XML; ``own`` is its own address, "" for a secret one."""
    root = Element(ATOM + "feed", {XML + "base": _text(site)})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(
        root, "updated", _stamp(max((it.updated for it in feed.entries), default=NEVER))
    )
    # A feed without entries must have an author, too.
    _add(_add(root, "author"), "name", feed.title)
    _add(root, "link", rel="alternate", type="text/html", href=feed.url)
    if own:
        _add(root, "link", rel="self", type=TYPE, href=own)
    for entry in feed.entries:
        _add_entry(root, entry)
    made: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return made


def _add_entry(root: Element, entry: Entry) -> None:
    node = _add(root, "entry")
    if entry.lang:
        node.set(XML + "lang", _text(entry.lang))
    _add(node, "id", entry.id)
    _add(node, "title", entry.title)
    _add(node, "updated", _stamp(entry.updated))
    _add(_add(node, "author"), "name", entry.author)
    _add(node, "link", rel="alternate", type="text/html", href=entry.url)
    _add(node, "summary", entry.summary)
    if entry.html:
        _add(node, "content", entry.html, type="html")


def _add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    made = {key: _text(value) for key, value in attributes.items()}
    child = SubElement(parent, ATOM + name, made)
    child.text = _text(text) or None
    return child


def _text(text: str) -> str:
    return UNSPEAKABLE.sub("\ufffd", text)


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
