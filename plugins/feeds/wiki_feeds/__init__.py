"""Feeds: what changed in the wiki, for feed readers (Atom)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Blueprint

import wiki
from wiki import Alternate, NavItem, PageView, hookimpl

from .atom import TYPE
from .views import blueprint

ALL = "/-/feed.atom"


class Feeds(wiki.Plugin):
    """Atom feeds of the wiki, a page, a folder, a tag or a search."""

    name = "feeds"
    title = "Feeds"
    description = "What changed, for feed readers."
    version = "1"
    api = (1, 1)
    uses = frozenset({"routes"})
    stores = "Nothing of its own. The secret of a private feed is kept as a token."
    addresses: ClassVar = {
        ALL: "feeds.feed",
        "/-/feed/<path:name>.atom": "feeds.feed",
    }

    @hookimpl
    def blueprints(self) -> list[Blueprint]:
        return [blueprint(self.wiki)]

    @hookimpl
    def nav_items(self) -> list[NavItem]:
        return [NavItem("Feeds", "feeds.index", group="more", weight=80)]

    @hookimpl
    def alternates(self, view: str, subject: Any) -> list[Alternate]:
        if not view.startswith("page"):
            return []
        found = [Alternate(ALL, TYPE, self.wiki.config.site.title)]
        if isinstance(subject, PageView) and not subject.old:
            url = f"/-/feed{wiki.page_url(subject.page.name)}.atom"
            found.insert(0, Alternate(url, TYPE, subject.page.title))
        return found
