"""Lists of pages: all, by tag, recently changed, linking here, wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, request, url_for

from wiki.model.page import Change

from .current import actor, number, wiki
from .frame import can, render
from .kept import keep_with, kept

bp = Blueprint("lists", __name__)

SHOWN = 100
CHANGES_SHOWN = 50
DAY = 86_400_000


@dataclass(slots=True)
class ChangedPage:
    """The changes of one page on one day, newest first."""

    name: str
    title: str
    kind: str
    changes: list[Change] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(one.delta for one in self.changes)


@bp.get("/-/recent")
@kept
def recent() -> Response:
    """Show changes by day, grouped per page."""
    prefix = request.args.get("in", "")[:1000]
    rows = wiki().recent(
        actor(), before_seq=number("before"), limit=CHANGES_SHOWN + 1, prefix=prefix
    )
    older = None
    if len(rows) > CHANGES_SHOWN:
        rows = rows[:CHANGES_SHOWN]
        args: dict[str, Any] = {"in": prefix} if prefix else {}
        older = url_for("lists.recent", before=rows[-1].seq, **args)
    keep_with(None)
    return render(
        "recent.html",
        days=by_day(rows),
        older=older,
        prefix=prefix,
        together=together(rows) if can("moderate") else (),
        review=wiki().reviewing.on and actor().signed_in,
    )


def together(rows: list[Change]) -> set[int]:
    """Return the newest change (seq) of each commit that changed several pages."""
    first: dict[int, int] = {}
    several: set[int] = set()
    for one in rows:
        if one.txn in first or one.origin == "import":
            several.add(one.txn)
        first.setdefault(one.txn, one.seq)
    return {first[txn] for txn in several}


def by_day(rows: list[Change]) -> list[tuple[int, list[ChangedPage]]]:
    """Return [(start of the day in ms, pages changed on it)]."""
    found = []
    for number_of_day, of_day in groupby(rows, lambda one: one.ts // DAY):
        pages: dict[int | None, ChangedPage] = {}
        for one in of_day:
            page = pages.setdefault(
                one.page, ChangedPage(one.name, one.title or one.name, one.kind)
            )
            page.changes.append(one)
        found.append((number_of_day * DAY, list(pages.values())))
    return found


@bp.get("/-/pages")
def pages() -> Response:
    prefix = request.args.get("prefix", "")[:1000]
    after = request.args.get("after", "")[:2000]
    rows, following = wiki().store.list(
        prefix=prefix, after_key=after, limit=SHOWN, sees=actor().sees
    )
    more = following and url_for("lists.pages", prefix=prefix or None, after=following)
    return render("pages.html", rows=rows, prefix=prefix, more=more, folders=[])


@bp.get("/-/tags")
def tags() -> Response:
    return render("tags.html", tags=wiki().store.tags(sees=actor().sees))


@bp.get("/-/tags/<path:tag>")
def tag(tag: str) -> Response:
    after = request.args.get("after", "")[:2000]
    rows, following = wiki().store.list(
        tag=tag, after_key=after, limit=SHOWN, sees=actor().sees
    )
    more = following and url_for("lists.tag", tag=tag, after=following)
    return render("tag.html", tag=tag, rows=rows, more=more)


@bp.get("/-/links/<path:name>")
def links(name: str) -> Response:
    """Show the pages that link to a page."""
    page = wiki().page(actor(), name)
    after = request.args.get("after", "")[:2000]
    rows = wiki().store.backlinks(
        page.id, after_key=after, limit=SHOWN + 1, sees=actor().sees
    )
    more = None
    if len(rows) > SHOWN:
        rows = rows[:SHOWN]
        more = url_for("lists.links", name=page.name, after=rows[-1].key)
    return render("links.html", page=page, rows=rows, more=more)


@bp.get("/-/reports/wanted")
def wanted() -> Response:
    rows = wiki().store.wanted(limit=SHOWN, sees=actor().sees)
    return render("wanted.html", rows=rows)
