"""Emergency: read-only and everybody signed out, by one button."""

from __future__ import annotations

from flask import Response, request
from markupsafe import Markup

from .. import sessions
from ..current import actor, wiki
from ..language import gettext
from .blueprint import bp, draw

COMMAND = Markup("<code>wiki panic over</code>")


@bp.get("/emergency")
def panic() -> Response:
    return _show()


def _show(problem: str = "", status: int = 200, *, done: bool = False) -> Response:
    return draw("panic.html", status, problem=problem, command=COMMAND, done=done)


@bp.post("/emergency")
def panic_now() -> Response:
    """Make the wiki read-only; the administrator who asked is signed out as well."""
    if "sure" not in request.form:
        return _show(gettext("Nothing was changed. Tick the box if you mean it."), 422)
    wiki().panic.begin(actor())
    # Told here: whoever is signed out hears of nothing on the next page.
    return sessions.end(_show(done=True))
