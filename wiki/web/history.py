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

from wiki.errors import Gone, NotFound, WikiError
from wiki.model.diff import compare
from wiki.model.page import ERROR, Page, Problem, Revision

from .current import actor, count_write, number, page_url, wiki
from .frame import can, render
from .kept import keep_with, kept
from .language import gettext
from .views import without_notes

bp = Blueprint("history", __name__)

SHOWN = 50


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
        rows = rows[:SHOWN]
        older = url_for("history.history", name=page.name, before=rows[-1].n)
    newer = url_for("history.history", name=page.name) if before else None
    keep_with(page.id)
    return render("history.html", page=page, revisions=rows, older=older, newer=newer)


@bp.get("/-/diff/<path:name>")
def diff(name: str) -> Response:
    """Show what changed from version ``a`` to version ``b``."""
    page = wiki().page(actor(), name)
    b = number("b", page.n) or page.n
    a = number("a", max(1, b - 1)) or 1
    old, new = (wiki().page(actor(), page.name, n) for n in (a, b))
    g.view = "diff"
    return render(
        "diff.html",
        page=page,
        a=_row(old),
        b=_row(new),
        comparison=compare(wiki().source(actor(), old), wiki().source(actor(), new)),
        can_restore=can("restore", page),
        mode="inline" if request.args.get("mode") == "inline" else "side",
    )


def _row(page: Page) -> Revision:
    """Return the history row of a version that has been read."""
    rows = wiki().store.history(page.id, before=page.n + 1, limit=1)
    if not rows:
        raise NotFound
    return rows[0]


@bp.get("/-/restore/<path:name>")
def restore(name: str) -> Response:
    """Ask before an older version, or a deleted page, comes back."""
    wiki().access.check(actor(), "restore")
    n = number("rev")
    try:
        page = wiki().page(actor(), name)
        page = wiki().page(actor(), name, n) if n else page
        row, rendered = _row(page), wiki().renderer.page(page, actor().sees)
        rendered = without_notes(rendered)
    except Gone as gone:
        page = Page(gone.page_id, gone.name, "", "", gone.head, 0, gone.head, gone.name)
        row, rendered = None, None
    return render(
        "restore.html",
        page=page,
        form=MoveForm(),
        problems=[],
        revision=row,
        rendered=rendered,
    )


@bp.post("/-/restore/<path:name>")
def restore_now(name: str) -> Response:
    count_write()
    page = wiki().restore(actor(), name, number("rev"), read_form().reason)
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
        new = wiki().rename(actor(), name, form.to, form.reason)
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
