"""Coalitions: groups, the alliances they form, and what they ask of others."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

import wiki
from wiki import (
    Actor,
    Asset,
    Draft,
    NavItem,
    PageType,
    Panel,
    Problem,
    Setting,
    hookimpl,
)

from . import record_page
from .directory import Directories
from .fields import KINDS, PAGE_TYPES
from .problems import problems_of
from .views import blueprint
from .words import LEVELS


class Coalitions(wiki.Plugin):
    """A directory of groups and coalitions, made from the front matter of pages."""

    name = "coalitions"
    title = "Directory"
    description = "Groups, coalitions, shared resources, and what they ask of others."
    version = "1"
    api = (1, 1)
    uses = frozenset({"routes", "guards"})
    stores = "Nothing of its own; groups and what they ask for are pages."
    settings = (
        Setting(
            "time_zone",
            str,
            "UTC",
            "Time zone",
            "A deadline passes at the end of its day there, such as Europe/Madrid.",
        ),
        Setting(
            "levels",
            list,
            list(LEVELS),
            "Names of the levels",
            "From 0 (no contact) to 5 (acting as one): six names.",
        ),
    )

    def __init__(self, wiki: Any, options: Any) -> None:
        super().__init__(wiki, options)
        if len(self.options["levels"]) != len(LEVELS):
            raise ValueError("“levels” must be six names, from level 0 to level 5")
        self.directories = Directories(wiki, self.options["time_zone"])

    # -- pages

    @hookimpl
    def page_types(self) -> list[PageType]:
        return list(PAGE_TYPES)

    @hookimpl
    def page_problems(
        self, draft: Draft, kind: str, meta: dict[str, Any], actor: Actor
    ) -> list[Problem]:
        if kind not in KINDS:
            return []
        return problems_of(self.directories.get(actor.sees), draft.name, kind, meta)

    # -- screen

    @hookimpl
    def blueprints(self) -> list[Blueprint]:
        return [blueprint(self.directories)]

    @hookimpl
    def nav_items(self) -> list[NavItem]:
        return [
            NavItem("Directory", "coalitions.index", weight=40),
            NavItem("Asks", "coalitions.asks", weight=45),
        ]

    @hookimpl
    def panels(self, slot: str, subject: Any, actor: Actor) -> list[Panel]:
        if slot != "page.top" or subject.page.kind not in KINDS:
            return []
        directory = self.directories.get(actor.sees)
        record = directory.get(subject.page.name)
        # An old version is shown by its text alone: these facts are of today.
        if record is None or subject.old:
            return []
        return [self._panel(directory, record, actor)]

    def _panel(self, directory: Any, record: Any, actor: Actor) -> Panel:
        if record.kind == "concept":
            context = record_page.of_concept(directory, record)
            return Panel("", "coalitions/concept.html", context)
        if record.kind == "resource":
            context = record_page.of_resource(directory, record)
            return Panel("", "coalitions/resource.html", context)
        stories = self.wiki.all_records("story", actor.sees)
        context = record_page.of_group(directory, record, stories)
        context["levels"] = self.options["levels"]
        return Panel("", "coalitions/facts.html", context)

    @hookimpl
    def assets(self, view: str) -> list[Asset]:
        own = {f"page.{kind}" for kind in KINDS}
        return [Asset("css", "coalitions.css")] if view in own | {"plugin"} else []
