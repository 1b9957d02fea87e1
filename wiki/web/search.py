"""Searching: the page of results and titles as they are typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel import UnknownLocaleError
from flask import Blueprint, Response, jsonify, request, url_for

from wiki.errors import BadRequest
from wiki.search.base import Results

from .current import actor, number, page_url, wiki
from .frame import render
from .language import gettext, own_name, sentence

bp = Blueprint("search", __name__)

SHOWN = 20
# Facet of the results, word of the query language, label (a message id).
FACETS = (
    ("tag", "tag", "Tag"),
    ("type", "type", "Type"),
    ("lang", "lang", "Language"),
    ("area", "in", "Folder"),
)
MAX_TYPED = 2000  # beyond it even the box is not filled again


@bp.get("/-/search")
def search() -> Response:
    """Show a page of results; a query that cannot be understood stays in the box."""
    q = _query()
    if not q.strip():
        return _show(q, None)
    try:
        results = wiki().search(actor(), q, number("page", 1) or 1)
    except BadRequest as error:
        return _show(q[:MAX_TYPED], None, sentence(error), error.status)
    return _show(q, results)


def _query() -> str:
    """Return the query text; filters given apart are written into it."""
    words = [request.args.get("q", "")]
    # Not ``lang``: in an address of the browser it is the language of the screen.
    for field in ("type", "tag", "in"):
        for value in request.args.getlist(field):
            if value.strip():
                words.append(f"{field}:{_quoted(value.strip())}")
    return " ".join(word for word in words if word)


def _quoted(value: str) -> str:
    plain = value.replace('"', "")
    return f'"{plain}"' if " " in plain else plain


def _show(
    q: str, results: Results | None, error: str = "", status: int = 200
) -> Response:
    return render(
        "search.html",
        status,
        q=q,
        query=q,
        results=results,
        error=error,
        filters=_filters(q, results.facets) if results else [],
        pager=_pager(q, results) if results else [],
    )


def _filters(
    q: str, facets: Mapping[str, tuple[tuple[str, int], ...]]
) -> list[dict[str, Any]]:
    """Return the choices of each facet with counts; choosing one adds a filter."""
    found = []
    for facet, word, label in FACETS:
        options = [
            _option(q, word, value, count) for value, count in facets.get(facet, ())
        ]
        if options:
            found.append({"label": gettext(label), "options": options})
    return found


def _option(q: str, word: str, value: str, count: int) -> dict[str, Any]:
    term = f"{word}:{_quoted(value)}"
    on = term in q.split() or term in q
    without = " ".join(q.replace(term, " ").split())
    return {
        "label": _label(word, value),
        "count": count,
        "on": on,
        "url": url_for("search.search", q=without if on else f"{q} {term}"),
    }


def _label(word: str, value: str) -> str:
    if word == "lang":
        try:
            return own_name(value)
        except (ValueError, UnknownLocaleError):
            return value
    if word == "type":
        page_type = wiki().page_type(value)
        return gettext(page_type.label) if page_type else value
    return value


def _pager(q: str, results: Results) -> list[dict[str, Any]]:
    """Return the pages around the present one, the first and the last."""
    near = range(results.page - 2, results.page + 3)
    shown = sorted({1, results.pages, *near} & set(range(1, results.pages + 1)))
    return [
        {
            "n": n,
            "url": url_for("search.search", q=q, page=n if n > 1 else None),
            "current": n == results.page,
        }
        for n in shown
    ]


@bp.get("/-/search/suggest")
def suggest() -> Response:
    """Answer with up to ten titles that go on from what was typed."""
    hits = wiki().suggest(actor(), request.args.get("q", "")[:256])
    return jsonify(
        [{"name": h.name, "title": h.title, "url": page_url(h.name)} for h in hits]
    )
