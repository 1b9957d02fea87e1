"""What stands in a feed: changes as one person may see them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import partial
from html import unescape
from urllib.parse import quote, urlsplit

import wiki
from wiki import Actor, Change, Page, PageView, Revision, Wiki, WikiError

from .atom import Entry

MOST, LONGEST = 30, 300
# Ids are made of the host and a day on which it was the wiki's (RFC 4151).
YEAR = "2026"
PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.S)
TAG = re.compile(r"<[^>]*>")
NOBODY = "somebody"


def tag(*parts: str | int) -> str:
    """Return the id of something in this wiki, whatever its name and address."""
    host = urlsplit(wiki.site_url()).hostname or "localhost"
    return f"tag:{host},{YEAR}:" + "/".join(quote(str(part), "") for part in parts)


class Entries:
    """Gathers entries; each method returns the newest 30."""

    def __init__(self, wiki: Wiki) -> None:
        self._wiki = wiki

    def recent(self, actor: Actor, folder: str, *, full: bool) -> Iterator[Entry]:
        """Yield the newest changes, below a folder if one is given."""
        known: dict[str, PageView | None] = {}
        for change in self._wiki.recent(actor, limit=MOST, prefix=folder):
            if change.name not in known:
                known[change.name] = self._view(actor, change.name)
            yield self._of_change(change, known[change.name], full=full)

    def of_page(self, actor: Actor, page: Page, *, full: bool) -> Iterator[Entry]:
        """Yield the newest versions of a page."""
        view = self._view(actor, page.name)
        for one in self._wiki.history(actor, page, limit=MOST):
            words = wiki.gettext(
                "%(name)s wrote it" if one.n == 1 else "%(name)s changed it",
                name=_name(one.author),
            )
            yield self._entry(
                view, one, tag("page", page.id, one.n), page.title, words, full=full
            )

    def found(self, actor: Actor, query: str, *, full: bool) -> Iterator[Entry]:
        """Yield pages that a search finds, the newest first; raises BadRequest."""
        search = partial(self._wiki.search, actor, query)
        first = search()
        hits = [*first.hits, *(search(2).hits if first.pages > 1 else ())]
        for hit in sorted(hits, key=lambda it: -it.updated)[:MOST]:
            view = self._view(actor, hit.name)
            if view is not None:
                page = view.page
                words = wiki.gettext("%(name)s changed it", name=_name(page.author))
                own = tag("page", page.id, page.n)
                yield self._entry(view, page, own, page.title, words, full=full)

    def _of_change(
        self, change: Change, view: PageView | None, *, full: bool
    ) -> Entry:
        words = wiki.gettext(_words(change), name=_name(change.author))
        n = change.detail.get("n")
        # What makes no version has no number of its own; nobody can count by these.
        own = n or hashlib.sha256(f"{change.kind}{change.seq}".encode()).hexdigest()[:16]
        title = change.title or change.name
        return self._entry(
            view, change, tag("page", change.page or 0, own), title, words, full=full
        )

    def _entry(
        self,
        view: PageView | None,
        of: Change | Revision | Page,
        own: str,
        title: str,
        words: str,
        *,
        full: bool,
    ) -> Entry:
        said = f"{words}: {of.comment}" if of.comment else f"{words}."
        about = _summary(view) if view else ""
        newest = view is not None and _rev(of) == view.page.rev
        name = of.name if not isinstance(of, Revision) else view.page.name if view else ""
        return Entry(
            own,
            title,
            wiki.site_url() + wiki.page_url(name),
            self._wiki.told_time(of.ts),
            _name(of.author),
            f"{said} {about}".strip(),
            view.rendered.html if view and full and newest else "",
            view.page.lang if view else "",
        )

    def _view(self, actor: Actor, name: str) -> PageView | None:
        """Return a page as it is now, None where there is none any more."""
        try:
            view = self._wiki.view(actor, name)
        except WikiError:
            return None
        return view if isinstance(view, PageView) else None


def _rev(of: Change | Revision | Page) -> int | None:
    return of.id if isinstance(of, Revision) else of.rev


def _words(change: Change) -> str:
    if change.kind == "put" and change.detail.get("created"):
        return "%(name)s wrote it"
    return {
        "rename": "%(name)s gave it another name",
        "delete": "%(name)s deleted it",
        "restore": "%(name)s restored it",
    }.get(change.kind, "%(name)s changed it")


def _name(author: str) -> str:
    """Return a person's name; names in brackets are the wiki's own words."""
    return wiki.gettext(author) if author.startswith("(") else author or wiki.gettext(NOBODY)


def _summary(view: PageView) -> str:
    """Return what a page says of itself, or else its first words."""
    own = view.page.meta.get("summary")
    if not isinstance(own, str) or not own.strip():
        first = PARAGRAPH.search(view.rendered.html)
        own = unescape(TAG.sub("", first[1])) if first else ""
    own = " ".join(own.split())
    return own if len(own) <= LONGEST else own[: LONGEST - 1] + "…"
