"""One-time codes of one's own account: turned on, off, and for a lost phone."""

from __future__ import annotations

from flask import Response, flash, request

from wiki.errors import LinkOver, WikiError

from .. import sessions
from ..current import actor, count_write, wiki
from ..language import gettext, sentence
from .blueprint import bp, draw, go_to, know_device, proof
from .ways import show_ways


@bp.post("/-/account/codes")
def begin_codes() -> Response:
    """Make the secret that a phone reads; nothing changes before a first code."""
    wiki().access.check_signed_in(actor())
    try:
        count_write()
        wiki().accounts.begin_codes(actor(), *proof())
    except WikiError as error:
        return show_ways(sentence(error), error.status)
    return go_to("account.new_codes")


@bp.get("/-/account/codes")
def new_codes() -> Response:
    """Show the secret, as a picture and as text, until a code confirms it."""
    wiki().access.check_signed_in(actor())
    return _show_new()


def _show_new(problem: str = "", status: int = 200) -> Response:
    secret = wiki().accounts.second_step.new_secret_of(actor().id or 0)
    if not secret:
        return go_to("account.ways")
    grouped = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return draw("codes.html", status, problem=problem, secret=grouped)


@bp.get("/-/account/codes.png")
def picture() -> Response:
    """Show the secret to the camera of a phone; no browser keeps the picture."""
    wiki().access.check_signed_in(actor())
    made = wiki().accounts.second_step.picture(
        actor().id or 0, actor().name, wiki().config.site.title
    )
    return Response(made, content_type="image/png")


@bp.post("/-/account/codes/confirm")
def confirm_codes() -> Response:
    """Turn codes on with a first one, and show the recovery codes once."""
    wiki().access.check_signed_in(actor())
    try:
        count_write()
        made = wiki().accounts.confirm_codes(
            actor(), request.form.get("code", ""), sessions.cookie_of(request)
        )
    except LinkOver as error:
        return show_ways(sentence(error), error.status)
    except WikiError as error:
        return _show_new(sentence(error), error.status)
    response = draw("recovery.html", codes=made, fresh_start=True)
    know_device(response, actor().id or 0)
    return response


@bp.post("/-/account/codes/recovery")
def renew_recovery() -> Response:
    """Show new recovery codes once; the earlier ones end."""
    wiki().access.check_signed_in(actor())
    try:
        count_write()
        made = wiki().accounts.renew_recovery(actor(), proof()[0])
    except WikiError as error:
        return show_ways(sentence(error), error.status)
    return draw("recovery.html", codes=made, fresh_start=False)


@bp.post("/-/account/codes/off")
def codes_off() -> Response:
    wiki().access.check_signed_in(actor())
    try:
        count_write()
        wiki().accounts.codes_off(actor(), proof()[0])
    except WikiError as error:
        return show_ways(sentence(error), error.status)
    flash(gettext("One-time codes are off. Your password alone signs you in."), "ok")
    return go_to("account.ways")
