"""People: signing in and out, invitations, passwords, the first minutes of a wiki."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    request,
    session,
    url_for,
)

from wiki.errors import BadName, LinkOver, NotFound, WikiError
from wiki.model import names
from wiki.model.actor import ROLES, rank
from wiki.model.events import ActorSignedIn

from . import sessions
from .current import actor, count_write, page_url, wiki
from .frame import render
from .language import gettext, sentence

bp = Blueprint("account", __name__)

FIRST_LINK_OVER = (
    "This link works once, and it has been used or is too old. If this is your wiki, "
    "start it again: it prints a new link until you have set a password."
)


@dataclass(frozen=True, slots=True)
class PersonForm:
    """What the forms about people hold; passwords are never shown again."""

    name: str = ""
    password: str = ""
    old_password: str = ""
    remember: bool = False
    page: str = ""


def read_form() -> PersonForm:
    form = request.form
    return PersonForm(
        form.get("name", "")[:200],
        form.get("password", ""),
        form.get("old_password", ""),
        "remember" in form,
        form.get("page", "")[:1000],
    )


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
        )
    except WikiError as error:
        return show_sign_in(form, sentence(error), error.status)
    return _signed_in(secret, form)


def show_sign_in(form: PersonForm, problem: str = "", status: int = 200) -> Response:
    return render("sign_in.html", status, form=form, problem=problem, join_open=False)


def _signed_in(secret: str, form: PersonForm) -> Response:
    """Answer 303 with a new session; what the old cookie held is forgotten."""
    session.clear()
    response = make_response(redirect(_page_to_go_to(form.page), 303))
    days = wiki().config.sessions.remember_days if form.remember else None
    found = wiki().accounts.session(secret)
    if found is not None and found.id is not None:
        wiki().door.notify("on_event", event=ActorSignedIn(found.id))
    return sessions.begin(response, secret, days=days)


def _page_to_go_to(name: str) -> str:
    """Return the address of a page by its name; of the home page for anything else."""
    try:
        # Cleaned: a name that begins with a slash would be another site's address.
        return page_url(names.clean(name))
    except BadName:
        return url_for("page.home")


@bp.post("/-/sign-out")
def sign_out() -> Response:
    secret = sessions.cookie_of(request)
    if secret:
        wiki().accounts.sign_out(secret)
    session.clear()
    return sessions.end(make_response(redirect(url_for("page.home"), 303)))


# -- own account


@bp.get("/-/account")
def account() -> Response:
    wiki().access.check_signed_in(actor())
    return _show_account()


def _show_account(problem: str = "", status: int = 200) -> Response:
    user_id = actor().id or 0
    return render(
        "account.html",
        status,
        sessions=wiki().accounts.sessions_of(user_id, sessions.cookie_of(request)),
        problem=problem,
        has_password=wiki().accounts.has_password(user_id),
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
        return _show_account(sentence(error), error.status)
    flash(gettext("Your password is set. Other devices were signed out."), "ok")
    return make_response(redirect(url_for("account.account"), 303))


@bp.post("/-/account/sessions")
def end_sessions() -> Response:
    wiki().access.check_signed_in(actor())
    wiki().accounts.end_sessions(actor().id or 0, keep=sessions.cookie_of(request))
    flash(gettext("Signed out everywhere but here."), "ok")
    return make_response(redirect(url_for("account.account"), 303))


# -- invitations and other links


@bp.get("/-/invite")
def invite() -> Response:
    wiki().access.check(actor(), "invite")
    return _show_invite()


@bp.post("/-/invite")
def invite_now() -> Response:
    """Make an invitation link; it is shown once."""
    wiki().access.check(actor(), "invite")
    count_write()
    role = request.form.get("role", "editor")
    secret = wiki().accounts.invite(actor(), role)
    base = current_app.config["WIKI_SITE_URL"] or request.host_url.rstrip("/")
    return _show_invite(base + url_for("account.join", token=secret))


def _show_invite(link: str = "") -> Response:
    roles = [role for role in ROLES[1:] if rank(role) <= rank(actor().role)]
    return render("invite.html", link=link, roles=roles)


@bp.get("/-/join/<token>")
def join(token: str) -> Response:
    return _show_join(PersonForm(), wiki().accounts.invited_role(token))


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
        role = wiki().accounts.invited_role(token)
        return _show_join(form, role, sentence(error), error.status)
    return _signed_in(secret, form)


def _show_join(
    form: PersonForm, role: str, problem: str = "", status: int = 200
) -> Response:
    return render("join.html", status, form=form, problem=problem, role=role)


def check_followed() -> None:
    """Refuse a one-time link that a person did not open, but a picture asked for."""
    sessions.check_transport()
    if request.headers.get("Sec-Fetch-Dest", "document") != "document":
        raise NotFound


@bp.get("/-/reset/<token>")
def follow(token: str) -> Response:
    """Sign in by a one-time link that an administrator made on the terminal.

    Like the link of the first start, the only addresses where GET changes something:
    a person follows them from a terminal or a message, without a form.
    """
    check_followed()
    if request.method == "HEAD":  # programs that look at links do not use them up
        return make_response("")
    secret = wiki().accounts.follow_link(token)
    return _signed_in(secret, PersonForm())


# -- the first minutes


@bp.get("/-/setup")
def setup() -> Response:
    """Follow the link of the terminal, or show what can be set up."""
    key = request.args.get("key", "")
    if key:
        check_followed()
        if request.method == "HEAD":
            return make_response("")
        try:
            secret = wiki().accounts.follow_first_link(key)
        except LinkOver:
            if wiki().access.allows(actor(), "admin"):
                return make_response(redirect(url_for("page.home"), 303))
            raise LinkOver(FIRST_LINK_OVER) from None
        return _signed_in(secret, PersonForm(remember=True))
    wiki().access.check(actor(), "admin")
    return _show_setup()


@bp.post("/-/setup")
def setup_now() -> Response:
    """Give the owner a name and a password, the way to sign in next time."""
    wiki().access.check(actor(), "admin")
    form = read_form()
    try:
        wiki().accounts.set_name_and_password(
            actor(), form.name, form.password, keep=sessions.cookie_of(request)
        )
    except WikiError as error:
        return _show_setup(sentence(error), error.status, form)
    flash(gettext("Your name and password are set. Sign in with them next time."), "ok")
    return make_response(redirect(url_for("page.home"), 303))


def _show_setup(
    problem: str = "", status: int = 200, form: PersonForm | None = None
) -> Response:
    return render(
        "setup.html",
        status,
        problem=problem,
        form=form or PersonForm(actor().name),
        has_password=wiki().accounts.has_password(actor().id or 0),
        config=_config_rows(),
        plugins=list(wiki().registry.states.values()),
    )


def _config_rows() -> list[dict[str, Any]]:
    """Return the settings that matter at first, and the lines that change them."""
    shown = ("site.title", "site.language", "access.read", "access.edit")
    rows = current_app.extensions["wiki.settings"]
    return [row for row in rows if row["key"] in shown]
