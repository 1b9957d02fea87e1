"""One's ways to sign in: password, one-time codes, passkeys."""

from __future__ import annotations

from flask import Response, flash, request

from wiki.errors import WikiError

from .. import sessions
from ..current import actor, count_write, wiki
from ..language import gettext, sentence
from .blueprint import bp, draw, go_to, know_device, read_form
from .home import asks_second_step
from .party import party


@bp.get("/-/account/sign-in")
def ways() -> Response:
    wiki().access.check_signed_in(actor())
    return show_ways()


def show_ways(problem: str = "", status: int = 200) -> Response:
    accounts, user_id = wiki().accounts, actor().id or 0
    return draw(
        "ways.html",
        status,
        problem=problem,
        asked=asks_second_step(),
        has_password=accounts.has_password(user_id),
        passwords=accounts.passwords_on(),
        codes_there=accounts.second_step.available,
        codes_on=accounts.second_step.is_on(user_id),
        recovery_left=accounts.second_step.recovery_left(user_id),
        passkeys_there=accounts.passkeys_on(),
        passkeys_here=party() is not None,
        passkeys=accounts.passkeys.of(user_id),
        ways=accounts.other_ways(),
        has_email=bool(accounts.own_email(actor())),
    )


@bp.post("/-/account/password")
def password() -> Response:
    """Change one's own password; the other sessions end."""
    wiki().access.check_signed_in(actor())
    form = read_form()
    try:
        count_write()
        wiki().accounts.set_password(
            actor(),
            form.old_password,
            form.password,
            keep=sessions.cookie_of(request),
        )
    except WikiError as error:
        return show_ways(sentence(error), error.status)
    flash(gettext("Your password is set. Other devices were signed out."), "ok")
    response = go_to("account.ways")
    know_device(response, actor().id or 0)
    return response
