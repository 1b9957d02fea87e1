"""Signing in with a password, and signing out."""

from __future__ import annotations

from flask import Response, make_response, redirect, request, session, url_for

from wiki.errors import SecondStepNeeded, WikiError

from .. import sessions
from ..current import wiki
from ..language import sentence
from .blueprint import PersonForm, bp, read_form, signed_in
from .screens import show_second, show_sign_in


@bp.get("/-/sign-in")
def sign_in() -> Response:
    form = PersonForm(page=request.args.get("page", "")[:1000])
    return show_sign_in(form)


@bp.post("/-/sign-in")
def sign_in_now() -> Response:
    """Sign in; every failure has the same words and takes the same time."""
    form = read_form()
    try:
        sessions.check_transport()
        secret = wiki().accounts.sign_in(
            form.name,
            form.password,
            request.remote_addr or "",
            remember=form.remember,
            label=form.label,
            device=sessions.device_of(request),
        )
    except SecondStepNeeded as needed:
        return show_second(form, needed.key)
    except WikiError as error:
        return show_sign_in(form, sentence(error), error.status)
    return signed_in(secret, form)


@bp.post("/-/sign-out")
def sign_out() -> Response:
    secret = sessions.cookie_of(request)
    if secret:
        wiki().accounts.sign_out(secret)
    session.clear()
    return sessions.end(make_response(redirect(url_for("page.home"), 303)))
