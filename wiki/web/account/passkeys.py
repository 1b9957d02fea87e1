"""Passkeys in the browser: two requests each, one for the challenge."""

from __future__ import annotations

from flask import Response, flash, jsonify, make_response, request

from wiki.accounts.passkeys import Party
from wiki.errors import NotAllowed, WikiError

from .. import sessions
from ..current import actor, count_write, wiki
from ..language import gettext, sentence
from .blueprint import bp, go_to, proof, read_form, signed_in
from .party import party
from .screens import show_sign_in
from .ways import show_ways

NO_NAME = (
    "Passkeys need https and a name for this wiki. On this machine, open it as "
    "http://localhost with its port."
)


def _party() -> Party:
    found = party()
    if found is None:
        raise NotAllowed(NO_NAME)
    return found


@bp.post("/-/sign-in/passkey/options")
def passkey_options() -> Response:
    """Give a browser what it asks a passkey with; nobody is signed in yet."""
    try:
        count_write()
        sessions.check_transport()
        return _json(wiki().accounts.passkey_options(_party()))
    except WikiError as error:
        return _refused(error)


@bp.post("/-/sign-in/passkey")
def passkey_sign_in() -> Response:
    """Sign in with a passkey: both steps in one, without a name."""
    form = read_form()
    try:
        sessions.check_transport()
        secret = wiki().accounts.sign_in_with_passkey(
            request.form.get("credential", ""),
            _party(),
            remember=form.remember,
            label=form.label,
        )
    except WikiError as error:
        return show_sign_in(form, sentence(error), error.status)
    return signed_in(secret, form)


@bp.post("/-/account/passkeys/options")
def new_passkey_options() -> Response:
    """Give a browser what it makes a passkey with."""
    try:
        wiki().access.check_signed_in(actor())
        count_write()
        made = wiki().accounts.new_passkey_options(actor(), *proof(), _party())
        return _json(made)
    except WikiError as error:
        return _refused(error)


@bp.post("/-/account/passkeys")
def add_passkey() -> Response:
    """Keep the passkey that the browser made."""
    wiki().access.check_signed_in(actor())
    try:
        count_write()
        wiki().accounts.add_passkey(
            actor(),
            request.form.get("credential", ""),
            _party(),
            request.form.get("label", ""),
        )
    except WikiError as error:
        return show_ways(sentence(error), error.status)
    flash(gettext("Your passkey is there. You can sign in with it from now on."), "ok")
    return go_to("account.ways")


@bp.post("/-/account/passkeys/remove")
def remove_passkey() -> Response:
    wiki().access.check_signed_in(actor())
    try:
        count_write()
        wiki().accounts.remove_passkey(actor(), _key_id(), *proof())
    except WikiError as error:
        return show_ways(sentence(error), error.status)
    flash(gettext("The passkey is removed. It opens nothing here any more."), "ok")
    return go_to("account.ways")


def _key_id() -> bytes:
    try:
        return bytes.fromhex(request.form.get("passkey", "")[:4000])
    except ValueError:
        return b""  # the passkey of nobody


def _json(text: str) -> Response:
    return Response(text, content_type="application/json")


def _refused(error: WikiError) -> Response:
    return make_response(jsonify(problem=sentence(error)), error.status)
