"""What the page template shows: plain data made from a PageView."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from flask import url_for
from markupsafe import Markup

from wiki.model.page import WRITERS, Page, PageRow
from wiki.model.parts import Action, Panel, RenderedPage
from wiki.service import PageView

from .audience import readers
from .current import actor, page_url, wiki
from .drawing import drawing
from .frame import can
from .language import gettext, sentence
from .robots import indexed

LINKED_SHOWN = 20
NO_AUDIENCE = (
    "“%(word)s” is not an audience here, so nobody but administrators reads what is "
    "for it. Correct it under “Who can see it”."
)
SLOTS = ("top", "aside", "bottom")
_DESCRIBED = re.compile(r'(<a\b[^>]*?) aria-describedby="[^"]*"')


@dataclass(slots=True)
class ShownPage:
    """A page as templates see it; texts of panels are safe HTML of our templates."""

    page: Page
    rendered: RenderedPage
    latest: int
    old: bool
    crumbs: list[tuple[str, str]]
    actions: list[dict[str, Any]]
    panels: dict[str, list[dict[str, Any]]]
    notices: list[str] = field(default_factory=list)
    linked_from: list[PageRow] = field(default_factory=list)
    siblings: dict[str, PageRow | None] = field(default_factory=dict)
    # A sentence that says who can read the page.
    readers: str = ""
    # Whether search engines may list it.
    indexed: bool = False

    @property
    def head_n(self) -> int:
        return self.latest


def of_page(got: PageView, *, home: bool = False) -> ShownPage:
    """Gather what stands around a page's text."""
    page = got.page
    linked = wiki().backlinks(page.id, actor().sees, LINKED_SHOWN)
    return ShownPage(
        page,
        got.rendered,
        got.latest,
        got.old,
        crumbs(page.name),
        actions(page),
        {slot: panels(f"page.{slot}", got) for slot in SLOTS}
        | {"home": panels("home.top", got) if home else []},
        notices(got),
        linked,
        {},
        readers(page.audience),
        indexed(got),
    )


def without_notes(rendered: RenderedPage) -> RenderedPage:
    """Return a rendering for where the panels that explain its words are not drawn."""
    return replace(rendered, html=_DESCRIBED.sub(r"\1", rendered.html))


def crumbs(name: str) -> list[tuple[str, str]]:
    """Return (label, address) of the folders above a page."""
    parts = name.split("/")[:-1]
    return [
        (part, url_for("lists.pages", prefix="/".join(parts[: i + 1]) + "/"))
        for i, part in enumerate(parts)
    ]


def actions(page: Page) -> list[dict[str, Any]]:
    """Return what this person may do with a page, the core's first."""
    edits = wiki().sees_source(actor(), page)
    rows = (
        ("edit", gettext("Edit"), f"/-/edit{page_url(page.name)}", False),
        ("read", gettext("History"), f"/-/history{page_url(page.name)}", False),
        ("rename", gettext("Rename"), f"/-/rename{page_url(page.name)}", False),
        ("delete", gettext("Delete"), f"/-/delete{page_url(page.name)}", True),
    )
    found = [
        {
            "label": label,
            "url": url,
            "method": "get",
            "danger": danger,
            "name": url.split("/")[2],
        }
        for right, label, url, danger in rows
        if can(right, page) and (edits or right != "edit")
    ]
    door = wiki().door
    for plugin, item in door.collect("page_actions", page=page, actor=actor()):
        # It may name an endpoint that there is not.
        door.run(plugin, "page_actions", partial(_add_action, found, item, page.name))
    return found


def _add_action(found: list[dict[str, Any]], item: Action, name: str) -> None:
    found.append(
        {
            "label": gettext(item.label),
            "url": url_for(item.endpoint, name=name),
            "method": item.method,
            "danger": item.danger,
            "name": "",
        }
    )


def panels(slot: str, subject: Any) -> list[dict[str, Any]]:
    """Return the panels of a slot as titles and HTML; a failing one is left out."""
    found = wiki().door.collect("panels", slot=slot, subject=subject, actor=actor())
    shown = []
    for plugin, panel in sorted(found, key=lambda one: one[1].weight):
        html = _panel_html(plugin, panel)
        if html is not None:
            shown.append({"title": gettext(panel.title), "html": html})
    return shown


def _panel_html(plugin: str, panel: Panel) -> Markup | None:
    made: list[Markup] = []

    def draw() -> None:
        made.append(drawing().fragment(panel.template, **panel.context))

    wiki().door.run(plugin, f"panel {panel.template}", draw)
    return made[0] if made else None


def notices(got: PageView) -> list[str]:
    """Return sentences that stand above the text: faults that readers should know."""
    found = [sentence(it) for it in got.rendered.problems if it.field != WRITERS]
    written = got.page.meta.get("audience")
    if written is not None and can("edit", got.page):
        word = wiki().areas.not_an_audience(written)
        if word:
            found.append(gettext(NO_AUDIENCE, word=word))
    return found


def fields_of(got: PageView) -> list[dict[str, Any]]:
    """Return label and value of the simple fields of a typed page."""
    if got.page_type is None or got.page_type.template:
        return []
    return [
        {"label": one.label or one.name, "value": got.page.meta[one.name]}
        for one in got.page_type.fields
        if isinstance(got.page.meta.get(one.name), str | int | float)
        and one.audience == "public"
    ]
