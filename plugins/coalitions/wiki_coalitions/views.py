"""The directory and the board of asks: ``/-/p/coalitions/`` and ``…/asks``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, request

import wiki

from . import dates, words
from .directory import Directories, Directory
from .facets import MAX_QUERY, PER_PAGE, Choice, Listing, listing, read_choice
from .projection import Ask, Projection
from .record_page import by_deadline, freshness, milliseconds

SOON = timedelta(days=7)
FACET_LABELS = {
    "type": words.N_("Type"),
    "issue": words.N_("Issue"),
    "scope": words.N_("Scope"),
    "status": words.N_("Status"),
}


def blueprint(directories: Directories) -> Blueprint:
    """Return the plugin's pages."""
    pages = Blueprint(
        "coalitions", __name__, template_folder="templates", static_folder="static"
    )

    @pages.app_template_filter("whole_day")
    def whole_day(written: str) -> int | None:
        day = dates.parse_day(written)
        return milliseconds(day) if day else None

    @pages.get("/")
    def index() -> Any:
        directory = directories.get(wiki.current_actor().sees)
        choice = read_choice(request.args.to_dict(flat=False))
        found = listing(directory, choice)
        if choice.page > found.pages:
            raise wiki.NotFound("There is no such page of the list. Go back to it.")
        shown = found.page(choice.page)
        return wiki.render(
            "coalitions/index.html",
            choice=choice,
            total=len(found.found),
            pages=found.pages,
            first=(choice.page - 1) * PER_PAGE + 1,
            facets=facets(directory, found),
            removals=removals(directory, choice),
            hidden_ended=found.hidden_ended,
            rows=[
                {
                    "record": row,
                    "fresh": freshness(row, directory.today),
                    "issues": [directory.concept_title(one) for one in row.issues],
                }
                for row in shown
            ],
            words=words,
            any_records=bool(directory.rows()),
            max_query=MAX_QUERY,
        )

    @pages.get("/asks")
    def asks() -> Any:
        directory = directories.get(wiki.current_actor().sees)
        number = read_choice(request.args.to_dict(flat=False)).page
        found = open_asks(directory)
        pages = max(1, -(-len(found) // PER_PAGE))
        if number > pages:
            raise wiki.NotFound("There is no such page of the list. Go back to it.")
        first = (number - 1) * PER_PAGE
        return wiki.render(
            "coalitions/asks.html",
            asks=[shown(directory, *one) for one in found[first : first + PER_PAGE]],
            total=len(found),
            page=number,
            pages=pages,
            who=words.ASK_WHO,
        )

    return pages


def facets(directory: Directory, found: Listing) -> list[dict[str, Any]]:
    """Return the facets that have values, with labels for people."""
    return [
        {
            "name": name,
            "label": FACET_LABELS[name],
            "values": [
                {"label": label(directory, name, one.value), "of": one}
                for one in values
            ],
        }
        for name, values in found.facets.items()
        if values
    ]


def label(directory: Directory, facet: str, value: str) -> str:
    """Return a message id for a fixed word, a title for an issue."""
    if facet == "issue":
        return directory.concept_title(value)
    known = {"type": words.TYPES, "scope": words.SCOPES, "status": words.STATUSES}
    return known[facet].get(value, value)


def removals(directory: Directory, choice: Choice) -> list[dict[str, str]]:
    """Return each part of a choice with the address that leaves it out."""
    found = [
        {"label": label(directory, facet, value), "url": choice.without(facet, value)}
        for facet, values in choice.chosen.items()
        for value in values
    ]
    if choice.text:
        found.insert(0, {"label": f"“{choice.text}”", "url": choice.query(q="")})
    return found


def open_asks(directory: Directory) -> list[tuple[Ask, Projection]]:
    """Return the open asks of groups that have not ended, soonest first."""
    kept: list[tuple[Ask, Projection]] | None = directory.answers.get("asks")
    if kept is None:
        kept = [
            (ask, group)
            for group in directory.rows()
            if not group.ended
            for ask in group.asks
            if ask.open
        ]
        kept.sort(key=lambda one: (*by_deadline(one[0]), one[1].title.casefold()))
        directory.answers["asks"] = kept
    return kept


def shown(directory: Directory, ask: Ask, group: Projection) -> dict[str, Any]:
    """Return an ask as the board shows it."""
    return {
        "ask": ask,
        "group": group,
        "ms": milliseconds(ask.deadline) if ask.deadline else 0,
        "soon": bool(ask.deadline and ask.deadline - directory.today <= SOON),
        "who": directory.named(who for who in ask.who if who not in words.ASK_WHO),
        "concepts": directory.concepts(ask.concepts),
    }
