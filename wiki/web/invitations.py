"""Invitations: made, shown once, listed and ended by who made them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from wiki.accounts.invitations import Offer
from wiki.errors import LinkOver, WikiError

from .current import actor, count_write, wiki
from .frame import render
from .language import gettext, sentence
from .mailing import outside

bp = Blueprint("invitations", __name__)

# What the form shows at first.
FIELDS: dict[str, Any] = {"role": "", "uses": "1", "days": "7", "label": ""}


@bp.get("/-/invite")
def invite() -> Response:
    return show(_offer(), {**FIELDS, "groups": request.args.getlist("group")})


@bp.post("/-/invite")
def invite_now() -> Response:
    """Make an invitation link; it is shown once."""
    offer, form = _offer(), request.form
    fields = {name: form.get(name, first)[:200] for name, first in FIELDS.items()}
    groups = form.getlist("group")[:100]
    count_write()
    try:
        secret = wiki().accounts.invite(
            actor(),
            fields["role"],
            groups,
            number(fields["uses"]),
            number(fields["days"]),
            fields["label"],
        )
    except WikiError as error:
        fields = {**fields, "groups": groups}
        return show(offer, fields, sentence(error), error.status)
    link = outside("joining.join", token=secret)
    return show(offer, {**FIELDS, "groups": []}, link=link, made=fields)


@bp.post("/-/invite/end")
def end() -> Response:
    wiki().access.check_signed_in(actor())
    count_write()
    end_invitation(request.form.get("key", ""))
    return make_response(redirect(url_for("invitations.invite"), 303))


def end_invitation(key: str) -> None:
    """End an invitation by the key that stands in its form; raises LinkOver."""
    try:
        wanted = bytes.fromhex(key[:100])
    except ValueError:
        raise LinkOver from None
    wiki().accounts.end_invitation(actor(), wanted)
    flash(gettext("The invitation has ended. Its link opens nothing any more."), "ok")


def number(text: str) -> int:
    """Return a number that was typed; 0, which nobody may choose, for what is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _offer() -> Offer:
    wiki().access.check_signed_in(actor())
    return wiki().accounts.offer(actor())


def show(
    offer: Offer,
    form: dict[str, Any],
    problem: str = "",
    status: int = 200,
    *,
    link: str = "",
    made: dict[str, Any] | None = None,
) -> Response:
    answer = render(
        "invite.html",
        status,
        offer=offer,
        form=form,
        problem=problem,
        link=link,
        made=made,
        invitations=wiki().accounts.invitations(actor(), own=True),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
