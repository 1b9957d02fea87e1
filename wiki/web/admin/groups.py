"""Groups: all of them, made and removed; who is in one stands on its own page."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, request, url_for

from wiki.errors import WikiError
from wiki.model import audience

from ..current import actor, wiki
from ..language import gettext, sentence
from .blueprint import bp, draw


@bp.get("/groups")
def groups() -> Response:
    return _show()


def _show(problem: str = "", status: int = 200) -> Response:
    form = request.form
    return draw(
        "groups.html",
        status,
        rows=wiki().accounts.groups.all(),
        problem=problem,
        name=form.get("name", "")[:200],
        about=form.get("about", "")[:500],
    )


@bp.post("/groups")
def make_group() -> Response:
    form = request.form
    try:
        name = wiki().accounts.groups.add(
            form.get("name", ""), form.get("about", ""), by=actor()
        )
    except WikiError as error:
        return _show(sentence(error), error.status)
    flash(gettext("The group is there. Nobody is in it yet: put people in."), "ok")
    return make_response(redirect(url_for("groups.group", name=name), 303))


@bp.get("/groups/<path:name>/remove")
def remove_group(name: str) -> Response:
    return _ask(name)


def _ask(name: str, problem: str = "", status: int = 200) -> Response:
    group, _ = wiki().accounts.groups.get(actor(), name)
    counted = wiki().store.audience_counts()
    pages = sum(n for it, n in counted if group.name in audience.groups(it))
    return draw("group.html", status, group=group, pages=pages, problem=problem)


@bp.post("/groups/<path:name>/remove")
def remove_group_now(name: str) -> Response:
    """Remove a group whose name was typed to confirm it."""
    try:
        typed = request.form.get("typed", "")
        wiki().accounts.groups.remove(name, typed, by=actor())
    except WikiError as error:
        return _ask(name, sentence(error), error.status)
    flash(gettext("The group is gone. Pages for it are for administrators now."), "ok")
    return make_response(redirect(url_for("admin.groups"), 303))
