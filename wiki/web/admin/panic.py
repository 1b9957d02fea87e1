"""Emergency: read-only and everybody signed out, by one button."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, request
from markupsafe import Markup

from .. import sessions
from ..current import actor, wiki
from ..language import gettext
from .blueprint import bp, draw

COMMAND = Markup("<code>wiki panic over</code>")


@bp.get("/emergency")
def panic() -> Response:
    return _show()


def _show(problem: str = "", status: int = 200) -> Response:
    return draw("panic.html", status, problem=problem, command=COMMAND)


@bp.post("/emergency")
def panic_now() -> Response:
    """Make the wiki read-only; the administrator who asked is signed out as well."""
    if "sure" not in request.form:
        return _show(gettext("Nothing was changed. Tick the box if you mean it."), 422)
    wiki().panic.begin(actor())
    flash(gettext("The wiki is read-only now, and everybody is signed out."), "ok")
    return sessions.end(make_response(redirect("/", 303)))
