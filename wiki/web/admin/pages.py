"""Pages for administrators: names that pages link to, pages nothing links to."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from wiki.store.base import MAX_LIMIT

from ..current import actor, number, wiki
from .blueprint import bp, draw

SHOWN = 100
# The lists are told up to a length; beyond it, what is at the top has to go first.
MOST_PAGES = MAX_LIMIT // SHOWN


@bp.get("/pages")
def pages() -> Response:
    """Show one of two lists, a hundred at a time."""
    orphans = "orphans" in request.args
    page = min(number("page", 1) or 1, MOST_PAGES)
    limit = min(page * SHOWN + 1, MAX_LIMIT)
    list_of: Any = wiki().store.orphans if orphans else wiki().store.wanted
    rows = list_of(limit=limit, sees=actor().sees)[(page - 1) * SHOWN :]
    more = ""
    if len(rows) > SHOWN:
        more = url_for("admin.pages", page=page + 1, orphans="1" if orphans else None)
    return draw("pages.html", rows=rows[:SHOWN], orphans=orphans, more=more)
