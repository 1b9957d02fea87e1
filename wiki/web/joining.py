"""Joining: with an invitation, by oneself, or by asking an administrator."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, request, url_for

from wiki.accounts.joining import LONGEST_ABOUT, OPEN, Application
from wiki.errors import NotAllowed, NotFound, WikiError

from . import people_or_programs, sessions
from .account import PersonForm, read_form, signed_in
from .current import actor, form_text, wiki
from .errors import page as error_page
from .frame import render
from .language import gettext, sentence

bp = Blueprint("joining", __name__)


# -- with an invitation


@bp.get("/-/join/<token>")
def join(token: str) -> Response:
    return _show_invited(token, PersonForm())


@bp.post("/-/join/<token>")
def join_now(token: str) -> Response:
    """Open an account with an invitation."""
    form = read_form()
    try:
        sessions.check_transport()
        secret = wiki().accounts.join(token, form.name, form.password)
    except NotFound:
        raise
    except WikiError as error:
        return _show_invited(token, form, sentence(error), error.status)
    return signed_in(secret, form)


def join_again(text: str) -> Response:
    """Show the form of an invitation again, with a fresh token."""
    token = (request.view_args or {}).get("token", "")
    try:
        return _show_invited(token, read_form(), text, 400)
    except WikiError:
        # Nothing to show again: the invitation is over.
        return error_page(400, text)


def _show_invited(
    token: str, form: PersonForm, problem: str = "", status: int = 200
) -> Response:
    row = wiki().accounts.invited(token)
    return render(
        "join.html",
        status,
        form=form,
        problem=problem,
        role=row.role,
        groups=sorted(row.groups),
        passwords=wiki().accounts.passwords_on(),
    )


# -- without one


@bp.get("/-/join")
def ask() -> Response:
    if actor().signed_in:
        return make_response(redirect(url_for("account.account")))
    _check_open()
    form = Application(name="")
    return show_ask(form, page=request.args.get("page", "")[:1000])


@bp.post("/-/join")
def ask_now() -> Response:
    """Open an account, or keep the request until an administrator looks at it."""
    _check_open()
    form, mode = read_application(), wiki().accounts.join_mode
    if people_or_programs.is_filled():
        # A program is told what a person is told, or nothing of use.
        if mode == OPEN:
            return show_ask(
                form, gettext(people_or_programs.NOT_A_PERSON), 400, page=_page()
            )
        return asked()
    if people_or_programs.is_quick():
        text = gettext(people_or_programs.TOO_QUICK)
        return show_ask(form, text, 400, page=_page())
    try:
        sessions.check_transport()
        secret = wiki().accounts.apply(form, request.remote_addr or "")
    except WikiError as error:
        return show_ask(form, sentence(error), error.status, page=_page())
    return asked() if secret is None else signed_in(secret, PersonForm(page=_page()))


def ask_again(text: str) -> Response:
    """Show the form again, with a fresh token and everything typed."""
    if not wiki().accounts.join_mode:
        return error_page(400, text)
    return show_ask(read_application(), text, 400, page=_page())


@bp.get("/-/join/thanks")
def thanks() -> Response:
    """Say what happens next to whoever asked to join."""
    return render("asked.html")


def asked() -> Response:
    return make_response(redirect(url_for("joining.thanks"), 303))


def _check_open() -> None:
    if not wiki().accounts.join_mode:
        raise NotAllowed(
            "Joining needs an invitation. Ask somebody who has an account."
        )


def _page() -> str:
    return request.form.get("page", "")[:1000]


def read_application() -> Application:
    form = request.form
    return Application(
        form.get("name", "")[:200],
        form.get("password", ""),
        form_text("about")[: 4 * LONGEST_ABOUT],
        form.get("email", "")[:300],
    )


def show_ask(
    form: Application, problem: str = "", status: int = 200, *, page: str = ""
) -> Response:
    return render(
        "ask_to_join.html",
        status,
        form=form,
        problem=problem,
        page=page,
        mode=wiki().accounts.join_mode,
        role=wiki().config.access.join_role,
        has_mail=wiki().accounts.has_mail,
        passwords=wiki().accounts.passwords_on(),
        most=LONGEST_ABOUT,
        shown=people_or_programs.stamp(),
    )
