"""How people come in: all open invitations, who asks to join, one-time links."""

from __future__ import annotations

from contextlib import suppress

from flask import Response, flash, make_response, redirect, request, url_for

from wiki.errors import NotFound, WikiError
from wiki.model.actor import ROLES

from .. import invitations as own
from ..current import actor, wiki
from ..language import gettext, sentence
from ..mailing import outside, tell_let_in
from .blueprint import bp, draw


@bp.get("/invitations")
def invitations() -> Response:
    return draw("invitations.html", rows=wiki().accounts.invitations(actor()))


@bp.post("/invitations/end")
def end_invitation() -> Response:
    own.end_invitation(request.form.get("key", ""))
    return _to("admin.invitations")


# -- people who wait


@bp.get("/waiting")
def waiting() -> Response:
    access = wiki().config.access
    return draw(
        "waiting.html",
        rows=wiki().accounts.list_waiting(actor()),
        roles=ROLES[1:],
        usual=access.join_role,
        mode=access.join,
    )


@bp.post("/waiting/<int:user_id>/let-in")
def let_in(user_id: int) -> Response:
    try:
        email = wiki().accounts.let_in(
            user_id, request.form.get("role", ""), by=actor()
        )
    except WikiError as error:
        flash(sentence(error), "danger")
        return _to("admin.waiting")
    tell_let_in(email)
    flash(gettext("Let in. They can sign in from now on."), "ok")
    return _to("admin.waiting")


@bp.post("/waiting/<int:user_id>/refuse")
def refuse(user_id: int) -> Response:
    try:
        wiki().accounts.refuse(user_id, by=actor())
    except WikiError as error:
        flash(sentence(error), "danger")
        return _to("admin.waiting")
    flash(gettext("Not let in. What they typed is forgotten."), "ok")
    return _to("admin.waiting")


@bp.post("/waiting/refuse")
def refuse_all() -> Response:
    """Refuse those that the list showed; who asked meanwhile still waits."""
    for user_id in request.form.getlist("who", type=int)[:1000]:
        with suppress(NotFound):
            wiki().accounts.refuse(user_id, by=actor())
    flash(gettext("Nobody on the list was let in. What they typed is forgotten."), "ok")
    return _to("admin.waiting")


# -- one person's way back in


@bp.post("/people/<int:user_id>/link")
def one_time_link(user_id: int) -> Response:
    """Make a link that signs somebody in once; it is shown once."""
    secret = wiki().accounts.link_for(user_id, by=actor())
    return draw(
        "link.html",
        link=outside("links.follow", token=secret),
        name=wiki().accounts.person(actor(), user_id).user.name,
        user_id=user_id,
    )


def _to(endpoint: str) -> Response:
    return make_response(redirect(url_for(endpoint), 303))
