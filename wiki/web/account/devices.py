"""Where one is signed in: names of devices, and ending it there."""

from __future__ import annotations

from flask import Response, flash, request

from wiki.errors import NotFound

from .. import sessions
from ..current import actor, count_write, wiki
from ..language import gettext
from .blueprint import bp, draw, go_to, know_device


@bp.get("/-/account/devices")
def devices() -> Response:
    wiki().access.check_signed_in(actor())
    here = sessions.cookie_of(request)
    return draw(
        "devices.html", sessions=wiki().accounts.sessions_of(actor().id or 0, here)
    )


@bp.post("/-/account/devices/name")
def name_device() -> Response:
    """Call a device by a name, to know it again in the list."""
    wiki().access.check_signed_in(actor())
    count_write()
    label = request.form.get("label", "")
    wiki().accounts.name_session(actor().id or 0, _key(), label)
    flash(gettext("The name is kept."), "ok")
    return go_to("account.devices")


@bp.post("/-/account/devices/end")
def end_session() -> Response:
    """Sign out on one device."""
    wiki().access.check_signed_in(actor())
    count_write()
    if not wiki().accounts.end_own_session(actor().id or 0, _key()):
        raise NotFound("This session has ended.")
    flash(gettext("Signed out there."), "ok")
    return go_to("account.devices")


@bp.post("/-/account/sessions")
def end_sessions() -> Response:
    """Sign out everywhere but here."""
    wiki().access.check_signed_in(actor())
    user_id = actor().id or 0
    wiki().accounts.end_sessions(user_id, keep=sessions.cookie_of(request))
    flash(gettext("Signed out everywhere but here."), "ok")
    response = go_to("account.devices")
    know_device(response, user_id)
    return response


def _key() -> bytes:
    """Return which session is meant: the hash of its secret opens nothing."""
    try:
        return bytes.fromhex(request.form.get("session", "")[:200])
    except ValueError as error:
        raise NotFound("This session has ended.") from error
