"""What all pages about one's account share: the form, the frame, a new session."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    request,
    session,
    url_for,
)

from wiki.errors import BadName, NotFound, WikiError
from wiki.model import names
from wiki.model.events import ActorSignedIn

from .. import sessions
from ..current import actor, page_url, wiki
from ..frame import address, render
from ..language import gettext

bp = Blueprint("account", __name__)

# Pages of one's account; those that are not there are left out.
PAGES = (
    ("account.account", "Overview"),
    ("account.ways", "Signing in"),
    ("account.devices", "Devices"),
    ("account.tokens", "Programs"),
    ("groups.mine", "Groups"),
    ("account.name", "Your name"),
    ("account.leave", "Leave for good"),
)


@dataclass(frozen=True, slots=True)
class PersonForm:
    """What the forms about people hold; passwords and codes are never shown again."""

    name: str = ""
    password: str = ""
    old_password: str = ""
    remember: bool = False
    page: str = ""
    label: str = ""


def read_form() -> PersonForm:
    form = request.form
    return PersonForm(
        form.get("name", "")[:200],
        form.get("password", ""),
        form.get("old_password", ""),
        "remember" in form,
        form.get("page", "")[:1000],
        form.get("label", "")[:200],
    )


def draw(template: str, status: int = 200, **given: Any) -> Response:
    """Return a page of one's own account, with the list of its pages."""
    here = request.path
    pages = [
        {"label": gettext(label), "url": address(end), "current": here == address(end)}
        for end, label in PAGES
        if address(end)
    ]
    user_id = actor().id or 0
    fresh = wiki().accounts.is_fresh(user_id, sessions.cookie_of(request))
    return render(f"account/{template}", status, pages=pages, fresh=fresh, **given)


def go_to(endpoint: str) -> Response:
    return make_response(redirect(url_for(endpoint), 303))


def proof() -> tuple[str, str]:
    """Return what shows that it is still them: a typed proof, and their session."""
    return request.form.get("proof", ""), sessions.cookie_of(request)


def signed_in(secret: str, form: PersonForm) -> Response:
    """Answer 303 with a new session; what the old cookie held is forgotten."""
    session.clear()
    response = make_response(redirect(_page_to_go_to(form.page), 303))
    days = wiki().config.sessions.remember_days if form.remember else None
    found = wiki().accounts.session(secret)
    if found is not None and found.id is not None:
        wiki().door.notify("on_event", event=ActorSignedIn(found.id))
        know_device(response, found.id)
    return sessions.begin(response, secret, days=days)


def know_device(response: Response, user_id: int) -> None:
    """Let this browser in later, whoever types wrong passwords elsewhere."""
    # A full disk keeps nobody out who has just signed in.
    with suppress(WikiError):
        secret = wiki().accounts.devices.remember(user_id, sessions.device_of(request))
        sessions.keep_device(response, secret)


def _page_to_go_to(name: str) -> str:
    """Return the address of a page by its name; of the home page for anything else."""
    try:
        # Cleaned: a name that begins with a slash would be another site's address.
        return page_url(names.clean(name))
    except BadName:
        return url_for("page.home")


def check_followed() -> None:
    """Refuse a one-time link that a person did not open, but a picture asked for."""
    sessions.check_transport()
    if request.headers.get("Sec-Fetch-Dest", "document") != "document":
        raise NotFound
