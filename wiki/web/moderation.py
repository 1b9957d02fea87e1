"""Undoing: one change, all by one person, all of one action. Pausing who does harm."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    request,
    url_for,
)
from markupsafe import Markup

from wiki.errors import CannotUndo, Conflict, Gone, NotFound, NotValid
from wiki.model.page import Change
from wiki.store.base import ChangesOf
from wiki.store.private_rows import User
from wiki.undoing import Undone

from .current import actor, count_write, number, page_url, whole_number, wiki
from .edit import EditForm, show_conflict
from .frame import render
from .language import gettext, ngettext, sentence

bp = Blueprint("moderation", __name__)

SHOWN = 50
LOOKED_AT = 500  # changes that are looked at before anything is undone
HOUR_MS = 3_600_000
# How far back, in hours; 0 for all there is.
SPANS = {"hour": 1, "day": 24, "week": 168, "all": 0}
SPAN_WORDS: dict[str, str] = {
    "hour": "the last hour",
    "day": "the last day",
    "week": "the last week",
    "all": "all time",
}


# -- one change


@bp.post("/-/undo/<path:name>")
def undo(name: str) -> Response:
    """Undo one change of a page; where it does not fit, show the parts to choose."""
    count_write()
    seq = whole_number(request.form.get("change", ""))
    try:
        page_id = wiki().page(actor(), name).id
    except Gone as gone:
        page_id = gone.page_id
    change = wiki().undoing.change(actor(), page_id, seq)
    comment = _comment(change)
    try:
        done = wiki().undoing.one(actor(), change, comment)
    except Conflict as conflict:
        n = int(change.detail["n"])
        text = conflict.yours
        form = EditForm(change.name, text, comment, n, page=page_id, undoes=n)
        return show_conflict(form, conflict)
    except (CannotUndo, NotValid) as error:
        texts = [sentence(one) for one in getattr(error, "problems", ())]
        flash(" ".join([sentence(error), *texts]), "warning")
        return _to(url_for("history.history", name=change.name))
    return _undone(page_id, change, done=done)


def _comment(change: Change) -> str:
    if change.kind == "rename":
        return gettext("Undid the renaming of %(name)s", name=change.detail["from"])
    if change.kind == "delete":
        return gettext("Undid the deletion of %(name)s", name=change.name)
    return gettext(
        "Undid version %(n)d of %(name)s", n=change.detail["n"], name=change.name
    )


def _undone(page_id: int, change: Change, *, done: bool) -> Response:
    """Answer 303 to the page, or to the home page where it is gone now."""
    try:
        page = wiki().store.get(page_id, sees=actor().sees)
    except NotFound:
        back = Markup('<a href="{}">{}</a>').format(
            f"/-/restore{page_url(change.name)}", gettext("Bring it back.")
        )
        text = gettext("“%(title)s” was deleted.", title=change.title)
        flash(Markup("{} {}").format(text, back), "ok")
        return _to(url_for("page.home"))
    if done:
        flash(gettext("Undone. This is the newest version now."), "ok")
    else:
        flash(gettext("This was undone before, so nothing was changed."), "ok")
    return _to(page_url(page.name))


# -- all by one person


@bp.get("/-/people/<person>")
def person(person: str) -> Response:
    """Show what one account changed, newest first, to those who moderate."""
    user = _user(person)
    of = ChangesOf(
        author_id=user.id,
        before=number("before"),
        limit=SHOWN + 1,
        sees=actor().sees,
    )
    rows = wiki().store.changes_of(of)
    older = None
    if len(rows) > SHOWN:
        rows = rows[:SHOWN]
        older = url_for("moderation.person", person=user.id, before=rows[-1].seq)
    response = render(
        "person.html",
        user=user,
        changes=rows,
        older=older,
        spans=_spans(),
        may_block=wiki().accounts.may_block(actor(), user.id),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/-/people/<person>/undo")
def person_undo(person: str) -> Response:
    """Say what undoing all changes of one account would do, before it is done."""
    user = _user(person)
    span = _span(request.args.get("since", ""))
    of = _by(user, span)
    return _show(
        Preview(
            gettext("Undo all changes of %(name)s", name=user.display),
            url_for("moderation.person_undo_now", person=user.id),
            url_for("moderation.person", person=user.id),
            gettext(SPAN_WORDS[span]),
            span,
        ),
        wiki().undoing.look(actor(), of, LOOKED_AT),
    )


@bp.post("/-/people/<person>/undo")
def person_undo_now(person: str) -> Response:
    """Undo all changes of one account, in one action."""
    count_write()
    user = _user(person)
    comment = gettext("Undid all changes of %(name)s", name=user.display)
    of = _by(user, _span(request.form.get("since", "")))
    done = wiki().undoing.all(actor(), of, comment)
    _note("undone.person", user.display, done)
    return _told(done, url_for("moderation.person", person=user.id))


def _user(person: str) -> User:
    wiki().access.check(actor(), "moderate")
    return wiki().accounts.account(whole_number(person), by=actor())


def _spans() -> list[tuple[str, str]]:
    return [(name, gettext(words)) for name, words in SPAN_WORDS.items()]


def _span(name: str) -> str:
    if name not in SPANS:
        abort(404)
    return name


def _by(user: User, span: str) -> ChangesOf:
    hours = SPANS[span]
    since = int(time.time() * 1000) - hours * HOUR_MS if hours else 0
    return ChangesOf(author_id=user.id, since=since)


# -- all of one action: an import, or an undo


@bp.get("/-/actions/<txn>/undo")
def commit(txn: str) -> Response:
    """Say what undoing all of one action would do, before it is done."""
    one = _action(txn)
    return _show(
        Preview(
            gettext("Undo all that was changed in one action"),
            url_for("moderation.commit_now", txn=one.txn),
            url_for("lists.recent"),
            one.comment,
        ),
        wiki().undoing.look(actor(), ChangesOf(txn=one.txn), LOOKED_AT),
        one,
    )


@bp.post("/-/actions/<txn>/undo")
def commit_now(txn: str) -> Response:
    count_write()
    one = _action(txn)
    comment = gettext("Undid: %(what)s", what=one.comment or one.name)
    done = wiki().undoing.all(actor(), ChangesOf(txn=one.txn), comment)
    _note("undone.action", one.comment, done)
    return _told(done, url_for("lists.recent"))


def _action(txn: str) -> Change:
    """Return a change of an action that one may know of; raises NotFound."""
    wiki().access.check(actor(), "moderate")
    of = ChangesOf(txn=whole_number(txn), limit=1, sees=actor().sees)
    rows = wiki().store.changes_of(of)
    if not rows:
        raise NotFound
    return rows[0]


# -- what both share


@dataclass(frozen=True, slots=True)
class Preview:
    """What stands on the page that asks first."""

    title: str
    url: str
    back: str
    about: str = ""
    since: str = ""


def _show(ask: Preview, found: Undone, one: Change | None = None) -> Response:
    response = render("undo.html", ask=ask, found=found, one=one)
    response.headers["Cache-Control"] = "no-store"
    return response


def _note(act: str, subject: str, done: Undone) -> None:
    if done.pages:
        audit = wiki().accounts.audit
        audit.note(actor(), act, subject, pages=len(done.pages))


def _told(done: Undone, url: str) -> Response:
    count = len(done.pages)
    text = ngettext("%(num)d page was undone.", "%(num)d pages were undone.", count)
    if not count:
        text = gettext("There was nothing left to undo.")
    flash(text, "ok")
    if done.left:
        more = ngettext(
            "%(num)d change is left for you to look at: others changed the same part "
            "since, or it is not yours to write.",
            "%(num)d changes are left for you to look at: others changed the same part "
            "since, or they are not yours to write.",
            len(done.left),
        )
        flash(more, "warning")
    return _to(url)


# -- pausing


@bp.post("/-/people/<person>/block")
def block(person: str) -> Response:
    """Let an account read and no more."""
    count_write()
    user = _user(person)
    wiki().accounts.block(user.id, by=actor())
    text = gettext("%(name)s can read and no more, from now on.", name=user.display)
    flash(text, "ok")
    return _to(url_for("moderation.person", person=user.id))


@bp.post("/-/people/<person>/unblock")
def unblock(person: str) -> Response:
    count_write()
    user = _user(person)
    wiki().accounts.unblock(user.id, by=actor())
    text = gettext("%(name)s can change pages again.", name=user.display)
    flash(text, "ok")
    return _to(url_for("moderation.person", person=user.id))


def _to(url: str) -> Response:
    return make_response(redirect(url, 303))
