"""Groups as their own people see them: who else is in one; stewards say who is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from wiki.errors import BadRequest, NotFound, WikiError

from .current import actor, count_write, wiki
from .frame import can, render
from .language import gettext, sentence

bp = Blueprint("groups", __name__)


@bp.get("/-/groups")
def mine() -> Response:
    wiki().access.check_signed_in(actor())
    return _private("mine.html", rows=wiki().accounts.groups.of(actor()))


@bp.get("/-/groups/<path:name>")
def group(name: str) -> Response:
    return _show(name)


def _show(name: str, problem: str = "", status: int = 200) -> Response:
    groups, args = wiki().accounts.groups, request.args
    found, steers = groups.get(actor(), name)
    search = args.get("search", "")[:200]
    rows, following = groups.members(
        actor(), name, search=search, after=args.get("after", "")[:1000]
    )
    more = following and url_for(
        "groups.group", name=found.name, search=search or None, after=following
    )
    return _private(
        "group.html",
        status,
        group=found,
        steers=steers,
        rows=rows,
        search=search,
        more=more,
        problem=problem,
        typed=request.form.get("person", "")[:200],
        removes=can("admin"),
    )


def _private(template: str, status: int = 200, **names: Any) -> Response:
    answer = render(f"groups/{template}", status, **names)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/-/groups/<path:name>/about")
def describe(name: str) -> Response:
    about = request.form.get("about", "")
    return _change(
        name,
        lambda: wiki().accounts.groups.describe(name, about, by=actor()),
        "The group is described.",
    )


@bp.post("/-/groups/<path:name>/people")
def change(name: str) -> Response:
    """Put somebody in, take them out, make them a steward or no longer (``do``)."""
    groups, person = wiki().accounts.groups, request.form.get("person", "")
    acts: dict[str, tuple[Callable[[], str], str]] = {
        "in": (
            lambda: groups.put_in(name, person, by=actor()),
            "“%(name)s” is in the group now, and reads what is for it.",
        ),
        "out": (
            lambda: groups.take_out(name, person, by=actor()),
            "“%(name)s” is out of the group.",
        ),
        "steward": (
            lambda: groups.set_steward(name, person, True, by=actor()),
            "“%(name)s” is a steward now, and says who is in the group.",
        ),
        "member": (
            lambda: groups.set_steward(name, person, False, by=actor()),
            "“%(name)s” is no steward any more.",
        ),
    }
    do, said = acts.get(request.form.get("do", ""), (_nothing, ""))
    return _change(name, do, said)


def _nothing() -> str:
    raise BadRequest


def _change(name: str, do: Callable[[], str | None], said: str) -> Response:
    """Do it and say so on the group's page, or say there why it was not done."""
    # Whoever may not see the group is told nothing else about it.
    wiki().accounts.groups.get(actor(), name)
    try:
        count_write()
        person = do()
    except WikiError as error:
        return _show(name, sentence(error), error.status)
    flash(gettext(said, name=person or ""), "ok")
    try:
        wiki().accounts.groups.get(actor(), name)
    except NotFound:
        # A steward who took themselves out.
        return make_response(redirect(url_for("groups.mine"), 303))
    return make_response(redirect(url_for("groups.group", name=name), 303))
