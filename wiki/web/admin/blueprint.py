"""The blueprint of all admin pages; whoever is no administrator stops here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from ..account.home import asks_second_step
from ..current import actor, count_write, wiki
from ..frame import address, render
from ..language import gettext

bp = Blueprint("admin", __name__, url_prefix="/-/admin")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the admin home: where it is, its name and what it is for."""

    endpoint: str
    label: str
    about: str


SECTIONS = (
    Section("admin.home", "Overview", "How the wiki is, in sentences."),
    Section("admin.settings", "Settings", "The wiki's name, languages, limits, mail."),
    Section("admin.people", "People", "Accounts, roles, who waits to be let in."),
    Section("admin.waiting", "Who asks to join", "People to let in, or not."),
    Section("admin.groups", "Groups", "Who is in which group."),
    Section("admin.invitations", "Invitations", "Links that open an account."),
    Section("admin.rules", "Areas", "Who reads and changes which part of the wiki."),
    Section("admin.access", "Effective access", "What one person may see and do."),
    Section("admin.pages", "Pages", "Wanted pages, pages nothing links to."),
    Section("admin.plugins", "Plugins", "What is installed and how it is."),
    Section("admin.log", "Log", "What was done to people, rights and settings."),
    Section("admin.erase", "Erase", "Remove a text everywhere, old versions too."),
    Section("admin.panic", "Emergency", "Read-only, and everybody signed out."),
)


MORE_NEEDED = (
    "The pages for running the wiki open once you have a passkey or one-time codes. "
    "Add one here."
)


@bp.before_request
def check() -> Response | None:
    """Let administrators in, signed in with their own account; count changes."""
    wiki().access.check(actor(), "admin")
    if wiki().config.access.second_factor == "admins" and asks_second_step():
        flash(gettext(MORE_NEEDED), "warning")
        return make_response(redirect(url_for("account.ways"), 303))
    if request.method == "POST":
        count_write()
    return None


def draw(template: str, status: int = 200, **names: Any) -> Response:
    """Return an admin page in its frame, with the list of sections."""
    here = request.path
    sections = [
        {
            "label": gettext(one.label),
            "about": gettext(one.about),
            "url": address(one.endpoint),
            "current": here == address(one.endpoint)
            or here.startswith(f"{address(one.endpoint)}/"),
        }
        for one in SECTIONS
        if address(one.endpoint)
    ]
    given = {"sections": sections, "asked": asks_second_step(), **names}
    answer = render(f"admin/{template}", status, **given)
    answer.headers["Cache-Control"] = "no-store"
    return answer
