"""The list of public pages for search engines (sitemaps.org), 10,000 a part."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import takewhile
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from flask import Blueprint, Response, current_app

from wiki.errors import BadName, NotFound
from wiki.model import names
from wiki.model.actor import PUBLIC, VISITOR_ACTOR
from wiki.model.page import PageRow

from .answering import answer
from .current import number, page_url, site_url, wiki
from .robots import SITEMAP, may_index

MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
PART, BATCH, HOUR = 10_000, 500, 3600.0

ElementTree.register_namespace("xhtml", XHTML)

bp = Blueprint("sitemap", __name__)


@bp.get(SITEMAP)
def sitemap() -> Response:
    """Answer with a part of the list, or with the list of its parts."""
    if wiki().config.access.read != PUBLIC:
        raise NotFound
    part = number("part")
    return answer(lambda: draw(part), "application/xml", actor=VISITOR_ACTOR)


def draw(part: int | None) -> bytes:
    """Return a part as XML; without a number all of it, or which parts there are."""
    parts: Parts = current_app.extensions["wiki.sitemap"]
    starts = parts.starts()
    if part is None and len(starts) > 1:
        return _index(len(starts))
    if (part or 1) > len(starts):
        raise NotFound
    rows = rows_after(starts[(part or 1) - 1])
    if part and part < len(starts):
        rows = takewhile(lambda row: row.key <= starts[part], rows)
    return _pages([row for row in rows if may_index(row)])


class Parts:
    """Knows after which key each part begins, looked up once an hour."""

    def __init__(self) -> None:
        self._until, self._starts = 0.0, [""]

    def starts(self) -> list[str]:
        if time.monotonic() > self._until:
            every = enumerate(rows_after(""), 1)
            self._starts = ["", *(row.key for n, row in every if n % PART == 0)]
            self._until = time.monotonic() + HOUR
        return self._starts


def rows_after(key: str) -> Iterator[PageRow]:
    """Yield the pages that visitors see, in the order of their keys."""
    following: str | None = key
    while following is not None:
        rows, following = wiki().store.list(
            after_key=following, limit=BATCH, sees=VISITOR_ACTOR.sees
        )
        yield from rows


def _index(parts: int) -> bytes:
    root = Element("sitemapindex", xmlns=MAP)
    for n in range(1, parts + 1):
        url = f"{site_url()}{SITEMAP}?part={n}"
        SubElement(SubElement(root, "sitemap"), "loc").text = url
    return _written(root)


def _pages(rows: list[PageRow]) -> bytes:
    root, versions = Element("urlset", xmlns=MAP), translations(rows)
    for row in rows:
        node = SubElement(root, "url")
        SubElement(node, "loc").text = _url(row)
        day = wiki().told_time(row.mtime).date()
        SubElement(node, "lastmod").text = day.isoformat()
        for lang, other in versions.get(row.key, {}).items():
            link = {"rel": "alternate", "hreflang": lang, "href": _url(other)}
            SubElement(node, f"{{{XHTML}}}link", link)
    return _written(root)


def translations(rows: list[PageRow]) -> dict[str, dict[str, PageRow]]:
    """Return {key: {language: page}} of pages with translations among ``rows``."""
    pages = {row.key: row for row in rows}
    groups: dict[str, dict[str, PageRow]] = {}
    for row in rows:
        named = row.meta.get("translation_of")
        original = pages.get(_key(named)) if isinstance(named, str) else None
        if original is None or original is row or not row.lang:
            continue
        first = {original.lang or wiki().config.site.language: original}
        group = groups.setdefault(original.key, first)
        if group.setdefault(row.lang, row) is row:
            groups[row.key] = group
    return groups


def _key(name: str) -> str:
    try:
        return names.key(names.clean(name))
    except BadName:
        return ""


def _url(row: PageRow) -> str:
    return f"{site_url()}{page_url(row.name)}"


def _written(root: Element) -> bytes:
    made: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return made
