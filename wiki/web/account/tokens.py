"""Tokens for programs that act for oneself: made, listed, ended."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request

from wiki.errors import BadRequest, NotFound, WikiError

from ..current import actor, count_write, wiki
from ..language import gettext, sentence
from .blueprint import bp, draw, go_to, proof

SCOPES = ("read", "write", "admin")


@bp.get("/-/account/tokens")
def tokens() -> Response:
    wiki().access.check_signed_in(actor())
    return _show()


def _show(status: int = 200, **given: Any) -> Response:
    scopes = SCOPES if actor().at_least("admin") else SCOPES[:-1]
    kept = {"label": "", "days": "90", "chosen": ["read"], "problem": "", "secret": ""}
    rows = wiki().accounts.tokens_of(actor().id or 0)
    return draw("tokens.html", status, tokens=rows, scopes=scopes, **(kept | given))


@bp.post("/-/account/tokens")
def make_token() -> Response:
    """Make a token; it is shown once."""
    wiki().access.check_signed_in(actor())
    form = request.form
    label, days, chosen = form.get("label", ""), form.get("days", ""), _chosen()
    try:
        count_write()
        secret = wiki().accounts.make_own_token(
            actor(), *proof(), chosen, _number(days), label
        )
    except WikiError as error:
        return _show(
            error.status,
            problem=sentence(error),
            label=label[:200],
            days=days[:10],
            chosen=chosen,
        )
    return _show(secret=secret)


def _chosen() -> list[str]:
    return [one for one in request.form.getlist("scope") if one in SCOPES]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise BadRequest("Choose a number from 1 to %(most)d.", most=365)
    return int(text)


@bp.post("/-/account/tokens/end")
def end_token() -> Response:
    wiki().access.check_signed_in(actor())
    count_write()
    try:
        key = bytes.fromhex(request.form.get("token", "")[:200])
    except ValueError:
        key = b""
    if not wiki().accounts.revoke(actor().id or 0, key, by=actor()):
        raise NotFound("There is no such token. It may have ended already.")
    flash(gettext("The token has ended. Programs that use it are refused."), "ok")
    return go_to("account.tokens")
