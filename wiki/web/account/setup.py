"""The first minutes of a wiki: the owner's link, a name, a password."""

from __future__ import annotations

from typing import Any

from flask import (
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    request,
    url_for,
)

from wiki.errors import LinkOver, WikiError

from .. import sessions
from ..current import actor, wiki
from ..frame import render
from ..language import gettext, sentence
from .blueprint import PersonForm, bp, check_followed, read_form, signed_in

FIRST_LINK_OVER = (
    "This link works once, and it has been used or is too old. If this is your wiki, "
    "start it again: it prints a new link until you have set a password."
)


@bp.get("/-/setup")
def setup() -> Response:
    """Follow the link of the terminal, or show what can be set up."""
    key = request.args.get("key", "")
    if key:
        check_followed()
        if request.method == "HEAD":
            return make_response("")
        try:
            secret = wiki().accounts.follow_first_link(key)
        except LinkOver:
            if wiki().access.allows(actor(), "admin"):
                return make_response(redirect(url_for("page.home"), 303))
            raise LinkOver(FIRST_LINK_OVER) from None
        return signed_in(secret, PersonForm(remember=True))
    wiki().access.check(actor(), "admin")
    return _show_setup()


@bp.post("/-/setup")
def setup_now() -> Response:
    """Give the owner a name and a password, the way to sign in next time."""
    wiki().access.check(actor(), "admin")
    form = read_form()
    try:
        wiki().accounts.set_name_and_password(
            actor(), form.name, form.password, keep=sessions.cookie_of(request)
        )
    except WikiError as error:
        return _show_setup(sentence(error), error.status, form)
    flash(gettext("Your name and password are set. Sign in with them next time."), "ok")
    return make_response(redirect(url_for("page.home"), 303))


def _show_setup(
    problem: str = "", status: int = 200, form: PersonForm | None = None
) -> Response:
    return render(
        "setup.html",
        status,
        problem=problem,
        form=form or PersonForm(actor().name),
        has_password=wiki().accounts.has_password(actor().id or 0),
        config=_config_rows(),
        plugins=list(wiki().registry.states.values()),
    )


def _config_rows() -> list[dict[str, Any]]:
    """Return the settings that matter at first, and the lines that change them."""
    shown = ("site.title", "site.language", "access.read", "access.edit")
    rows = current_app.extensions["wiki.settings"]
    return [row for row in rows if row["key"] in shown]
