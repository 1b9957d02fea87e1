"""Diagrams: Mermaid text between fences, drawn in the browser of who reads it.

The page holds the text itself, so that it can be read, found and printed without any
script. Only a page with a diagram loads what draws it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import wiki
from wiki import WARNING, Asset, Directive, Option, PageContext, Problem, hookimpl

LONGEST = 10_000  # characters of a diagram; Mermaid's work grows faster than its text
TEMPLATE = "diagrams/diagram.html"


class Diagrams(wiki.Plugin):
    """Pictures of steps, people and time, written as text."""

    name = "diagrams"
    title = "Diagrams"
    description = "Draws diagrams that are written as text (Mermaid)."
    version = "1"
    uses = frozenset()
    api = (1, 1)
    stores = "Nothing of its own; a diagram is part of its page."

    @hookimpl
    def directives(self) -> list[Directive]:
        options = (Option("alt", limit=1000), Option("caption", limit=1000))
        return [Directive("mermaid", options, self.draw, search=True, fence=True)]

    def draw(
        self, argument: str, options: Mapping[str, Any], body: str, page: PageContext
    ) -> tuple[str, Mapping[str, Any]]:
        if not body.strip():
            page.problems.append(Problem(WARNING, "", EMPTY))
        elif len(body) > LONGEST:
            params = {"size": len(body), "limit": LONGEST}
            page.problems.append(Problem(WARNING, "", TOO_LONG, params=params))
        page.data[self.name] = True
        return TEMPLATE, {
            "source": body,
            "too_long": len(body) > LONGEST,
            "alt": options["alt"],
            "caption": options["caption"] or argument,
        }

    @hookimpl
    def assets(self, view: str, subject: Any) -> list[Asset]:
        shown = getattr(subject, "rendered", None)
        if view == "edit" or (shown and shown.data.get(self.name)):
            return [Asset("css", "diagrams.css"), Asset("js", "diagrams.js")]
        return []


EMPTY = "A diagram of this page is empty. Write it between the two lines of its fence."
TOO_LONG = (
    "A diagram of this page is too long to be drawn (%(size)d of %(limit)d "
    "characters). Make two of it."
)
