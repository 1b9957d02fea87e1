"""One-time links: followed by a button, and asked for by who forgot a password."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from wiki.errors import SecondStepNeeded, WikiError

from . import sessions
from .account import PersonForm, show_second, signed_in
from .account.blueprint import draw, go_to, proof
from .current import actor, count_write, wiki
from .frame import render
from .language import gettext, sentence
from .mailing import send_reset

bp = Blueprint("links", __name__)


# -- following one


@bp.get("/-/reset/<token>")
def follow(token: str) -> Response:
    """Show whom a link signs in; only the button does it.

    Programs that look at links in messages do not use them up.
    """
    sessions.check_transport()
    return render("follow.html", name=wiki().accounts.whose_link(token))


@bp.post("/-/reset/<token>")
def follow_now(token: str) -> Response:
    """Sign in by a one-time link; the account page is where a password is set."""
    sessions.check_transport()
    try:
        response = signed_in(wiki().accounts.follow_link(token), PersonForm())
    except SecondStepNeeded as needed:
        return show_second(PersonForm(), needed.key)
    response.location = url_for("account.ways")
    return response


# -- asking for one


@bp.get("/-/forgot")
def forgot() -> Response:
    return _show_forgot()


@bp.post("/-/forgot")
def forgot_now() -> Response:
    """Answer the same for whoever is meant; the rest happens after this request."""
    typed = request.form.get("who", "")[:300]
    try:
        sessions.check_transport()
        if wiki().accounts.has_mail and typed.strip():
            wiki().accounts.ask_for_link(typed, request.remote_addr or "", send_reset())
    except WikiError as error:
        return _show_forgot(typed, sentence(error), error.status)
    return _show_forgot(sent=bool(typed.strip()))


def _show_forgot(
    typed: str = "", problem: str = "", status: int = 200, *, sent: bool = False
) -> Response:
    return render(
        "forgot.html",
        status,
        typed=typed,
        problem=problem,
        sent=sent,
        has_mail=wiki().accounts.has_mail,
    )


@bp.get("/.well-known/change-password")
def change_password() -> Response:
    """Lead programs that keep passwords to the page where one is changed."""
    return make_response(redirect(url_for("account.ways")))


# -- the own address


@bp.get("/-/account/email")
def email() -> Response:
    wiki().access.check_signed_in(actor())
    return _show_email(wiki().accounts.own_email(actor()))


@bp.post("/-/account/email")
def email_now() -> Response:
    """Keep or forget the own address, after a proof that it is the same person."""
    wiki().access.check_signed_in(actor())
    typed = request.form.get("email", "")[:300]
    try:
        count_write()
        wiki().accounts.prove(actor(), *proof())
        wiki().accounts.set_email(actor(), typed)
    except WikiError as error:
        return _show_email(typed, sentence(error), error.status)
    flash(gettext("Your e-mail address is kept as you typed it."), "ok")
    return go_to("account.ways")


def _show_email(typed: str, problem: str = "", status: int = 200) -> Response:
    return draw(
        "email.html",
        status,
        typed=typed,
        problem=problem,
        has_mail=wiki().accounts.has_mail,
    )
