"""One's own name: what one signs in with, and what stands beside one's changes."""

from __future__ import annotations

from flask import Response, flash, request

from wiki.errors import WikiError

from ..current import actor, count_write, wiki
from ..language import gettext, sentence
from .blueprint import bp, draw, go_to


@bp.get("/-/account/name")
def name() -> Response:
    wiki().access.check_signed_in(actor())
    return _show(actor().name)


def _show(typed: str, problem: str = "", status: int = 200) -> Response:
    return draw(
        "name.html",
        status,
        typed=typed,
        everywhere=request.method == "GET" or "everywhere" in request.form,
        problem=problem,
    )


@bp.post("/-/account/name")
def name_now() -> Response:
    """Take another name, in older versions as well where that is wanted."""
    wiki().access.check_signed_in(actor())
    typed = request.form.get("name", "")[:200]
    try:
        count_write()
        new = wiki().removal.rename(
            actor(), typed, everywhere="everywhere" in request.form
        )
    except WikiError as error:
        return _show(typed, sentence(error), error.status)
    flash(gettext("You are “%(name)s” now. Sign in with this name.", name=new), "ok")
    return go_to("account.account")
