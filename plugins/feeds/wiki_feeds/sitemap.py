"""The list of public pages for search engines (sitemaps.org), 10,000 a part."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import takewhile
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import wiki
from wiki import Actor, NotFound, PageRow, Wiki

MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
PART, BATCH, HOUR = 10_000, 500, 3600.0

ElementTree.register_namespace("xhtml", XHTML)


class Sitemap:
    """Draws the sitemap as a visitor sees the wiki."""

    def __init__(self, wiki: Wiki) -> None:
        self._wiki = wiki
        self._kept: tuple[float, list[str]] = (0.0, [])

    def part(self, number: int | None) -> bytes:
        """Return a part of the map; without a number all, or the list of the parts.

        Raises NotFound for a part that there is not, and where nothing is public.
        """
        starts = self._starts()
        if number is None and len(starts) > 1:
            return self._index(len(starts))
        if (number or 1) > len(starts) or self._wiki.config.access.read != "public":
            raise NotFound
        start = starts[(number or 1) - 1]
        end = starts[number] if number and number < len(starts) else ""
        rows = takewhile(lambda row: not end or row.key <= end, self._rows(start))
        return self._pages([row for row in rows if wiki.may_index(row)])

    def _rows(self, after: str) -> Iterator[PageRow]:
        following: str | None = after
        while following is not None:
            rows, following = self._wiki.pages(
                Actor(), after_key=following, limit=BATCH
            )
            yield from rows

    def _starts(self) -> list[str]:
        """Return after which key each part begins, looked up once an hour."""
        until, starts = self._kept
        if time.monotonic() > until:
            every = enumerate(self._rows(""), 1)
            starts = ["", *(row.key for n, row in every if n % PART == 0)]
            self._kept = time.monotonic() + HOUR, starts
        return starts

    def _index(self, parts: int) -> bytes:
        root = Element("sitemapindex", xmlns=MAP)
        for number in range(1, parts + 1):
            url = f"{wiki.site_url()}/sitemap.xml?part={number}"
            SubElement(SubElement(root, "sitemap"), "loc").text = url
        return _written(root)

    def _pages(self, rows: list[PageRow]) -> bytes:
        root, versions = Element("urlset", xmlns=MAP), self._versions(rows)
        for row in rows:
            node = SubElement(root, "url")
            SubElement(node, "loc").text = _url(row)
            changed = self._wiki.told_time(row.mtime).date()
            SubElement(node, "lastmod").text = changed.isoformat()
            for lang, other in versions.get(row.key, {}).items():
                link = {"rel": "alternate", "hreflang": lang, "href": _url(other)}
                SubElement(node, f"{{{XHTML}}}link", link)
        return _written(root)

    def _versions(self, rows: list[PageRow]) -> dict[str, dict[str, PageRow]]:
        """Return {key: {language: page}} for pages that have translations here."""
        pages = {row.key: row for row in rows}
        groups: dict[str, dict[str, PageRow]] = {}
        for row in rows:
            named = row.meta.get("translation_of")
            original = pages.get(named.strip().casefold() if isinstance(named, str) else "")
            if original is not None and original is not row and row.lang:
                site = self._wiki.config.site.language
                group = groups.setdefault(original.key, {original.lang or site: original})
                group.setdefault(row.lang, row)
                groups[row.key] = group
        return groups


def _url(row: PageRow) -> str:
    return f"{wiki.site_url()}{wiki.page_url(row.name)}"


def _written(root: Element) -> bytes:
    made: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return made
