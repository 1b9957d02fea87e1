"""Leaving for good: one's account goes, and one's name from the history."""

from __future__ import annotations

from flask import Response, make_response, redirect, request, session, url_for

from wiki.errors import NotValid, WikiError

from .. import sessions
from ..current import actor, count_write, wiki
from ..frame import render
from ..language import sentence
from .blueprint import bp, draw, proof

NOT_TYPED = "Nothing was removed: type your name as it stands on this page."


@bp.get("/-/account/leave")
def leave() -> Response:
    wiki().access.check_signed_in(actor())
    return _show()


def _show(problem: str = "", status: int = 200) -> Response:
    typed = request.form.get("typed", "")[:200]
    return draw("leave.html", status, problem=problem, typed=typed)


@bp.post("/-/account/leave")
def leave_now() -> Response:
    """Remove one's own account: its name was typed, and it is still the same person."""
    wiki().access.check_signed_in(actor())
    try:
        count_write()
        if " ".join(request.form.get("typed", "").split()) != actor().name:
            raise NotValid(sentence=NOT_TYPED)
        user = wiki().accounts.prove(actor(), *proof())
        wiki().removal.remove(user.id, by=actor())
    except WikiError as error:
        return _show(sentence(error), error.status)
    session.clear()
    return sessions.end(make_response(redirect(url_for("account.left"), 303)))


@bp.get("/-/account/left")
def left() -> Response:
    """Say to whoever has no account any more that it worked."""
    return render("account/left.html")
