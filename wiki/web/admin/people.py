"""People: who there is, and all that an administrator can do for or about one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, flash, make_response, redirect, request, url_for

from wiki.errors import NotValid, WikiError
from wiki.model.actor import ADMIN, ROLES, SYSTEM
from wiki.store.private_people import STATES

from ..current import actor, wiki
from ..language import gettext, sentence
from .blueprint import bp, draw

NOT_TYPED = (
    "Nothing was removed: type the name of the account as it stands at the top of "
    "this page."
)


@bp.get("/people")
def people() -> Response:
    args = request.args
    asked: dict[str, Any] = {
        name: args.get(name, "")[:200] for name in ("search", "role", "state")
    }
    rows, following = wiki().accounts.people(
        actor(), **asked, after=args.get("after", "")[:1000]
    )
    more = following and url_for("admin.people", **asked, after=following)
    return draw(
        "people.html",
        rows=rows,
        asked=asked,
        roles=ROLES[1:],
        states=STATES,
        counts=wiki().accounts.people_by_state(actor()),
        more=more,
    )


@bp.get("/people/<int:user_id>")
def person(user_id: int) -> Response:
    return _show(user_id)


def _show(user_id: int, problem: str = "", status: int = 200) -> Response:
    accounts = wiki().accounts
    found = accounts.person(actor(), user_id)
    groups = [row for row in accounts.groups.all() if row.name in found.user.groups]
    return draw(
        "person.html",
        status,
        problem=problem,
        person=found,
        user=found.user,
        roles=ROLES[1:],
        groups=groups,
        others=[row for row in accounts.groups.all() if row not in groups],
        second_step=accounts.has_second_step(user_id),
        sessions=len(accounts.sessions_of(user_id)),
        own=user_id == actor().id,
    )


def _done(user_id: int, do: Callable[[], Any], said: str, **places: str) -> Response:
    """Do it and say so on the person's page, or say there why it was not done."""
    try:
        do()
    except WikiError as error:
        return _show(user_id, sentence(error), error.status)
    flash(gettext(said, **places), "ok")
    here = wiki().accounts.person(SYSTEM, user_id).user
    if user_id == actor().id and (here.role != ADMIN or here.state != "open"):
        # Whoever gave their own role away has no business here any more.
        return make_response(redirect(url_for("page.home"), 303))
    return make_response(redirect(url_for("admin.person", user_id=user_id), 303))


def _name(user_id: int) -> str:
    return wiki().accounts.person(actor(), user_id).user.name


@bp.post("/people/<int:user_id>/role")
def give_role(user_id: int) -> Response:
    role = request.form.get("role", "")
    return _done(
        user_id,
        lambda: wiki().accounts.set_role(user_id, role, by=actor()),
        "The new role counts from now on.",
    )


@bp.post("/people/<int:user_id>/groups")
def change_groups(user_id: int) -> Response:
    """Put somebody into a group (``in``), or take them out of one (``out``)."""
    groups, form = wiki().accounts.groups, request.form
    if "out" in form:
        return _done(
            user_id,
            lambda: groups.take_out(form["out"], user_id, by=actor()),
            "Taken out of the group “%(group)s”.",
            group=form["out"][:100],
        )
    return _done(
        user_id,
        lambda: groups.put_in(form.get("in", ""), user_id, by=actor()),
        "Put into the group “%(group)s”.",
        group=form.get("in", "")[:100],
    )


@bp.post("/people/<int:user_id>/block")
def block(user_id: int) -> Response:
    return _done(
        user_id,
        lambda: wiki().accounts.block(user_id, by=actor()),
        "Blocked. “%(name)s” can read, and change nothing until you unblock them.",
        name=_name(user_id),
    )


@bp.post("/people/<int:user_id>/unblock")
def unblock(user_id: int) -> Response:
    return _done(
        user_id,
        lambda: wiki().accounts.unblock(user_id, by=actor()),
        "Unblocked. “%(name)s” can do again what their role allows.",
        name=_name(user_id),
    )


@bp.post("/people/<int:user_id>/sessions")
def end_sessions(user_id: int) -> Response:
    return _done(
        user_id,
        lambda: wiki().accounts.sign_out_everywhere(user_id, by=actor()),
        "“%(name)s” is signed out everywhere.",
        name=_name(user_id),
    )


@bp.post("/people/<int:user_id>/second-step")
def second_step_off(user_id: int) -> Response:
    return _done(
        user_id,
        lambda: wiki().accounts.second_step_off(user_id, by=actor()),
        "“%(name)s” signs in without a second step until they set one up again.",
        name=_name(user_id),
    )


@bp.post("/people/<int:user_id>/close")
def close(user_id: int) -> Response:
    return _done(
        user_id,
        lambda: wiki().accounts.close_user(user_id, by=actor()),
        "The account is closed. Its name stays in the history.",
    )


@bp.post("/people/<int:user_id>/remove")
def remove(user_id: int) -> Response:
    """Remove an account whose name was typed to confirm it."""
    name, typed = _name(user_id), " ".join(request.form.get("typed", "").split())
    try:
        if typed != name:
            raise NotValid(sentence=NOT_TYPED)
        wiki().removal.remove(user_id, by=actor())
    except WikiError as error:
        return _show(user_id, sentence(error), error.status)
    flash(gettext("The account is gone, and its name from the history."), "ok")
    return make_response(redirect(url_for("admin.people"), 303))
