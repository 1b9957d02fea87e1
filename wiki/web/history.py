"""What a page was: its versions, what changed, and how to bring something back."""

from __future__ import annotations

from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    request,
    url_for,
)
from markupsafe import Markup

from wiki.errors import Gone, NotFound, Wider, WikiError
from wiki.model.diff import compare
from wiki.model.page import ERROR, Change, Page, Problem, Revision
from wiki.store.base import ChangesOf

from .audience import agreed, wider_words
from .current import actor, count_write, number, page_url, wiki
from .frame import can, render
from .kept import keep_with, kept
from .language import gettext
from .views import without_notes

bp = Blueprint("history", __name__)

SHOWN = 50


CHANGES = 200  # looked at beside the versions of one list


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a history: a version, or a change that made none (``revision`` None).

    ``before`` is the number of the version before, 0 for the first one.
    """

    seq: int
    ts: int
    change: Change | None = None
    revision: Revision | None = None
    before: int = 0


@dataclass(frozen=True, slots=True)
class MoveForm:
    """What the forms for renaming and deleting hold."""

    to: str = ""
    reason: str = ""


def read_form() -> MoveForm:
    return MoveForm(
        request.form.get("to", ""), request.form.get("reason", "").strip()[:500]
    )


@bp.get("/-/history/<path:name>")
@kept
def history(name: str) -> Response:
    page = wiki().page(actor(), name)
    before = number("before")
    rows = wiki().history(actor(), page, before, SHOWN + 1)
    older = None
    if len(rows) > SHOWN:
        older = url_for("history.history", name=page.name, before=rows[-2].n)
    newer = url_for("history.history", name=page.name) if before else None
    keep_with(page.id)
    return render(
        "history.html",
        page=page,
        revisions=rows[:SHOWN],
        lines=_lines(page, rows, before),
        older=older,
        newer=newer,
    )


def _lines(page: Page, rows: list[Revision], before: int | None) -> list[Line]:
    """Return what happened to a page, newest first: versions and what is no version.

    ``rows`` holds one version more than is shown, where there are older ones.
    """
    until = None
    if before is not None:
        above = wiki().history(actor(), page, before + 1, 1)
        until = above[0].seq if above else None
    shown, last = rows[:SHOWN], 0 if len(rows) <= SHOWN else rows[SHOWN - 1].seq
    of = ChangesOf(page=page.id, before=until, limit=CHANGES, sees=actor().sees)
    changes = {it.seq: it for it in wiki().store.changes_of(of) if it.seq >= last}
    found = [
        Line(it.seq, it.ts, changes.pop(it.seq, None), it, rows[i + 1].n if more else 0)
        for i, it in enumerate(shown)
        for more in [i + 1 < len(rows)]
    ]
    found += [
        Line(it.seq, it.ts, it)
        for it in changes.values()
        if it.kind in ("rename", "delete")
    ]
    return sorted(found, key=lambda line: -line.seq)


@bp.get("/-/diff/<path:name>")
def diff(name: str) -> Response:
    """Show what changed from version ``a`` to version ``b``."""
    page = wiki().page(actor(), name)
    b = number("b", page.n) or page.n
    a = number("a") or _before(page, b)
    old, new = (wiki().page(actor(), page.name, n) for n in (a, b))
    g.view = "diff"
    after = _row(new)
    return render(
        "diff.html",
        page=page,
        a=_row(old),
        b=after,
        # One change, not a stretch of them, can be undone from here.
        change=_change(page, a, after),
        comparison=compare(wiki().source(actor(), old), wiki().source(actor(), new)),
        can_restore=can("restore", page),
        mode="inline" if request.args.get("mode") == "inline" else "side",
    )


def _before(page: Page, n: int) -> int:
    """Return the number of the version before one; its own number for the first."""
    rows = wiki().history(actor(), page, n, 1)
    return rows[0].n if rows else n


def _change(page: Page, a: int, row: Revision) -> Change | None:
    """Return the change that made a version, if ``a`` is the version before it."""
    before = wiki().store.history(page.id, before=row.n, limit=1)
    if not before or before[0].n != a:
        return None
    try:
        return wiki().undoing.change(actor(), page.id, row.seq)
    except NotFound:
        return None


def _row(page: Page) -> Revision:
    """Return the history row of a version that has been read."""
    rows = wiki().store.history(page.id, before=page.n + 1, limit=1)
    if not rows:
        raise NotFound
    return rows[0]


@bp.get("/-/restore/<path:name>")
def restore(name: str) -> Response:
    """Ask before an older version, or a deleted page, comes back."""
    wiki().access.check(actor(), "restore", name=name)
    return _show_restore(name, MoveForm())


def _show_restore(name: str, form: MoveForm, wider: Wider | None = None) -> Response:
    n, deleted, sees = number("rev"), False, actor().sees
    try:
        page = wiki().page(actor(), name)
        page = wiki().page(actor(), name, n) if n else page
        row, rendered = _row(page), wiki().renderer.page(page, sees)
    except Gone as gone:
        deleted = True
        page, row = wiki().undoing.deleted(actor(), gone, n)
        title = page.title
        rendered = wiki().renderer.draft(page.name, page.text, sees, title=title)
    return render(
        "restore.html",
        wider.status if wider else 200,
        page=page,
        form=form,
        wider=wider_words(wider) if wider else None,
        problems=[],
        revision=row,
        deleted=deleted,
        rendered=without_notes(rendered),
    )


@bp.post("/-/restore/<path:name>")
def restore_now(name: str) -> Response:
    count_write()
    form = read_form()
    try:
        page = wiki().restore(actor(), name, number("rev"), form.reason, widen=agreed())
    except Wider as wider:
        return _show_restore(name, form, wider)
    flash(gettext("Restored. This is the newest version now."), "ok")
    return make_response(redirect(page_url(page.name), 303))


@bp.get("/-/rename/<path:name>")
def rename(name: str) -> Response:
    page = wiki().page(actor(), name)
    wiki().access.check(actor(), "rename", page)
    return render("rename.html", page=page, form=MoveForm(to=page.name), problems=[])


@bp.post("/-/rename/<path:name>")
def rename_now(name: str) -> Response:
    """Rename; the old address keeps leading to the page."""
    form = read_form()
    page = wiki().page(actor(), name)
    try:
        count_write()
        new = wiki().rename(actor(), name, form.to, form.reason, widen=agreed())
    except Wider as wider:
        words = wider_words(wider)
        return render(
            "rename.html", wider.status, page=page, form=form, problems=[], wider=words
        )
    except WikiError as error:
        problem = Problem(ERROR, "to", error.message, params=error.params)
        return render(
            "rename.html", error.status, page=page, form=form, problems=[problem]
        )
    flash(gettext("Renamed. The old address leads here from now on."), "ok")
    return make_response(redirect(page_url(new.name), 303))


@bp.get("/-/delete/<path:name>")
def delete(name: str) -> Response:
    page = wiki().page(actor(), name)
    wiki().access.check(actor(), "delete", page)
    linked = wiki().backlinks(page.id, actor().sees, 10)
    return render(
        "delete.html", page=page, form=MoveForm(), problems=[], linked_from=linked
    )


@bp.post("/-/delete/<path:name>")
def delete_now(name: str) -> Response:
    """Delete; the page can be restored from its address."""
    count_write()
    page = wiki().delete(actor(), name, read_form().reason)
    undo = Markup('<a href="{}">{}</a>').format(
        f"/-/restore{page_url(page.name)}", gettext("Bring it back.")
    )
    text = gettext("“%(title)s” was deleted.", title=page.title)
    flash(Markup("{} {}").format(text, undo), "ok")
    return make_response(redirect("/", 303))
