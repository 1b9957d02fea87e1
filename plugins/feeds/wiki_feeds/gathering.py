"""What stands in a feed: the newest 30 changes that one person may see."""

from __future__ import annotations

import hashlib
import re
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import wiki
from wiki import Actor, Busy, PageView, Wiki, WikiError

from .atom import Entry, Feed

MOST, LONGEST = 30, 300
YEAR = "2026"  # in which the host was the wiki's: ids are “tag:” URIs (RFC 4151)
PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.S)
TAG = re.compile(r"<[^>]*>")
CHANGED = "%(name)s changed it"
WORDS = {
    "created": "%(name)s wrote it",
    "rename": "%(name)s gave it another name",
    "delete": "%(name)s deleted it",
    "restore": "%(name)s restored it",
}
# Names that are words of the wiki itself.
NAMES = {
    "": "somebody",
    "(wiki)": "(the wiki itself)",
    "(edited outside)": "(edited outside)",
    "(former member)": "(former member)",
}


class Gathering:
    """Makes one feed for one reader; with ``full``, whole pages stand in it."""

    def __init__(self, wiki: Wiki, actor: Actor, *, full: bool) -> None:
        self._wiki, self._actor, self._full = wiki, actor, full
        self._site = wiki.config.site.title
        self._views: dict[str, PageView | None] = {}

    def changes(self, folder: str) -> Feed:
        """Return the feed of the wiki or, where one is named, of a folder."""
        rows = self._wiki.recent(self._actor, limit=MOST, prefix=folder)
        found = []
        for one in rows:
            # What makes no version has no number; nobody can count by these.
            made = hashlib.sha256(f"{one.kind} {one.seq}".encode()).hexdigest()[:16]
            id = _id("page", one.page, one.detail.get("n") or made)
            new = one.kind == "put" and one.detail.get("created")
            kind = "created" if new else one.kind
            found.append(self._entry(one, one.name, one.title, id, kind, one.rev))
        if not folder:
            return Feed(_id("wiki"), self._site, _url("/-/recent"), found)
        url, title = _url("/-/recent", **{"in": folder}), f"{self._site}: {folder}"
        return Feed(_id("folder", folder), title, url, found)

    def page(self, name: str) -> Feed:
        """Return the feed of a page's versions; raises NotFound."""
        page = self._wiki.page(self._actor, name)
        found = [
            self._entry(
                *(one, page.name, page.title, _id("page", page.id, one.n)),
                *("created" if one.n == 1 else "put", one.id),
            )
            for one in self._wiki.history(self._actor, page, limit=MOST)
        ]
        title, url = f"{self._site}: {page.title}", _url(wiki.page_url(page.name))
        return Feed(_id("page", page.id), title, url, found)

    def search(self, query: str) -> Feed:
        """Return the feed of what a search finds; raises BadRequest, Busy."""
        found = self._wiki.search(self._actor, query)
        if not found.current:
            raise Busy("Search is being rebuilt. Ask again in some minutes.")
        hits = list(found.hits)
        if found.pages > 1:
            hits += self._wiki.search(self._actor, query, 2).hits
        hits = sorted(hits, key=lambda hit: -hit.updated)[:MOST]
        pages = [view.page for hit in hits if (view := self._view(hit.name))]
        entries = [
            self._entry(it, it.name, it.title, _id("page", it.id, it.n), "put", it.rev)
            for it in pages
        ]
        title, url = f"{self._site}: {query}", _url("/-/search", q=query)
        return Feed(_id("search", query), title, url, entries)

    def _entry(
        self, of: Any, name: str, title: str, id: str, kind: str, rev: int | None
    ) -> Entry:
        view, author = self._view(name), of.author
        author = wiki.gettext(NAMES[author]) if author in NAMES else author
        said = wiki.gettext(WORDS.get(kind, CHANGED), name=author)
        said += f": {of.comment}" if of.comment else "."
        return Entry(
            id,
            title or name,
            _url(wiki.page_url(name)),
            self._wiki.told_time(of.ts),
            author,
            f"{said} {_summary(view) if view else ''}".strip(),
            # Older versions are not laid out anew for a feed.
            view.rendered.html if view and self._full and rev == view.page.rev else "",
            view.page.lang if view else "",
        )

    def _view(self, name: str) -> PageView | None:
        """Return a page as it is now, None where there is none any more."""
        if name not in self._views:
            try:
                found = self._wiki.view(self._actor, name)
            except WikiError:
                found = None
            self._views[name] = found if isinstance(found, PageView) else None
        return self._views[name]


def _id(*parts: str | int | None) -> str:
    host = urlsplit(wiki.site_url()).hostname or "localhost"
    return f"tag:{host},{YEAR}:" + "/".join(quote(str(part), "") for part in parts)


def _url(path: str, **arguments: str) -> str:
    return wiki.site_url() + path + (f"?{urlencode(arguments)}" if arguments else "")


def _summary(view: PageView) -> str:
    """Return what a page says of itself, or else its first words."""
    own = view.page.meta.get("summary")
    if not isinstance(own, str) or not own.strip():
        first = PARAGRAPH.search(view.rendered.html)
        own = unescape(TAG.sub("", first[1])) if first else ""
    own = " ".join(own.split())
    return own if len(own) <= LONGEST else own[: LONGEST - 1] + "…"
