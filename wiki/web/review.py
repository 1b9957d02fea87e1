"""Changes of who is new here, before they are shown: a list, and a decision."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    url_for,
)

from wiki.errors import Conflict, NotFound, NotValid, Wider, WikiError
from wiki.model.diff import compare

from .audience import readers
from .current import actor, count_write, number, page_url, whole_number, wiki
from .edit import EditForm, show_form
from .frame import render
from .language import gettext, sentence

bp = Blueprint("review", __name__)

SHOWN = 50
BY_HAND = (
    "Others changed the same parts since. Open the change in the editor, put both "
    "together there and save; then take this one off the list."
)


@bp.get("/-/review")
def waiting() -> Response:
    """List what waits for this person to look at, and what they sent themselves."""
    wiki().access.check_signed_in(actor())
    rows, following = wiki().reviewing.waiting(actor(), number("after") or 0, SHOWN)
    more = following and url_for("review.waiting", after=following)
    own = wiki().reviewing.own(actor())
    return _private(render("review.html", rows=rows, more=more, own=own))


@bp.get("/-/review/<change>")
def look(change: str) -> Response:
    """Show what one change would do to its page."""
    wiki().access.check_signed_in(actor())
    it, base = wiki().reviewing.one(actor(), whole_number(change))
    old = wiki().source(actor(), base) if base else ""
    g.view = "diff"
    return _private(
        render(
            "review_one.html",
            it=it,
            comparison=compare(old, it.text),
            may=wiki().reviewing.may_review(actor(), it),
        )
    )


@bp.get("/-/review/<change>/edit")
def change(change: str) -> Response:
    """Open a change in the editor, to save it in one's own words."""
    wiki().access.check_signed_in(actor())
    it, _ = wiki().reviewing.one(actor(), whole_number(change))
    form = EditForm(it.name, it.text, it.comment, it.base, page=it.page or 0)
    return _private(show_form(form))


@bp.post("/-/review/<change>/publish")
def publish(change: str) -> Response:
    """Put a change on its page, in the name of who wrote it."""
    count_write()
    id_ = whole_number(change)
    back = url_for("review.look", change=id_)
    wiki().access.check_signed_in(actor())
    try:
        done = wiki().reviewing.publish(actor(), id_)
    except NotFound:
        raise
    except Conflict:
        return _warned(gettext(BY_HAND), back)
    except Wider as wider:
        return _warned(gettext(WIDER, readers=readers(wider.becomes)), back)
    except NotValid as error:
        texts = [sentence(one) for one in error.problems] or [sentence(error)]
        return _warned(" ".join(texts), back)
    except WikiError as error:
        if error.status == 403:
            raise
        return _warned(sentence(error), back)
    flash(gettext("Published. It is on the page now."), "ok")
    return make_response(redirect(page_url(done.page.name), 303))


WIDER = (
    "More people could read the page than until now. %(readers)s Open the change in "
    "the editor if you mean it."
)


@bp.post("/-/review/<change>/decline")
def decline(change: str) -> Response:
    """Take a change off the list."""
    count_write()
    wiki().access.check_signed_in(actor())
    wiki().reviewing.decline(actor(), whole_number(change))
    flash(gettext("Off the list. Who wrote it can read it for a month."), "ok")
    return make_response(redirect(url_for("review.waiting"), 303))


def _warned(text: str, url: str) -> Response:
    flash(text, "warning")
    return make_response(redirect(url, 303))


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
