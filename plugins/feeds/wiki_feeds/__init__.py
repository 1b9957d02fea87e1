"""Feeds: what changed, for feed readers (Atom), and a sitemap for search engines."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

import wiki
from wiki import Actor, Alternate, NavItem, PageView, hookimpl

from .atom import TYPE
from .entries import Entries
from .sitemap import Sitemap
from .views import blueprint

RECENT = "/-/feed.atom"


class Feeds(wiki.Plugin):
    """Atom feeds of the wiki, a page, a folder, a tag or a search."""

    name = "feeds"
    title = "Feeds"
    description = "What changed, for feed readers; a list of pages for search engines."
    version = "1"
    uses = frozenset({"routes"})
    stores = "Nothing of its own. An address of your own is kept scrambled, as a token."
    addresses = {
        RECENT: "feeds.recent",
        "/-/feed/<path:name>.atom": "feeds.page",
        "/sitemap.xml": "feeds.sitemap",
    }

    @hookimpl
    def blueprints(self) -> list[Blueprint]:
        return [blueprint(self.wiki, Entries(self.wiki), Sitemap(self.wiki))]

    @hookimpl
    def nav_items(self, actor: Actor) -> list[NavItem]:
        return [NavItem("Feeds", "feeds.index", group="more", weight=80)]

    @hookimpl
    def alternates(self, view: str, subject: Any) -> list[Alternate]:
        if not view.startswith("page"):
            return []
        found = [Alternate(RECENT, TYPE, self.wiki.config.site.title)]
        if isinstance(subject, PageView) and not subject.old:
            url = f"/-/feed{wiki.page_url(subject.page.name)}.atom"
            found.insert(0, Alternate(url, TYPE, subject.page.title))
        return found
