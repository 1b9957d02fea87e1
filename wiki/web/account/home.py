"""The first page of one's account."""

from __future__ import annotations

from flask import Response

from ..current import actor, wiki
from .blueprint import bp, draw


@bp.get("/-/account")
def account() -> Response:
    wiki().access.check_signed_in(actor())
    return draw(
        "home.html",
        asked=asks_second_step(),
        blocked=wiki().accounts.is_blocked(actor().id or 0),
        why_passwords=_why_passwords(),
    )


def asks_second_step() -> bool:
    """Tell whether this person is an administrator with a password and no more."""
    if wiki().config.access.second_factor == "off" or not actor().at_least("admin"):
        return False
    accounts = wiki().accounts
    possible = accounts.second_step.available or accounts.passkeys_on()
    return possible and not accounts.has_second_step(actor().id or 0)


def _why_passwords() -> str:
    """Return why passwords are on although the settings say otherwise."""
    if wiki().config.access.password or not actor().at_least("admin"):
        return ""
    return wiki().accounts.why_passwords()
