"""Effective access: what one person may see and do at one page, and why."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from wiki.areas import Explained
from wiki.errors import WikiError
from wiki.model.actor import VISITOR_ACTOR, Actor

from ..audience import readers
from ..current import actor, wiki
from ..language import gettext, sentence
from .blueprint import bp, draw
from .rules import editors

ROLE_WORDS: dict[str, str] = {
    "visitor": "a visitor, not signed in",
    "member": "a member",
    "editor": "an editor",
    "moderator": "a moderator",
    "admin": "an administrator",
}


@bp.get("/access")
def access() -> Response:
    """Say what a person may do with a page; ``?person=`` empty is a visitor."""
    person = request.args.get("person", "")[:200].strip()
    name = request.args.get("page", "")[:1000].strip()
    names: dict[str, Any] = {"person": person, "name": name, "problem": ""}
    if not name:
        return draw("access.html", **names, found=None)
    try:
        found = wiki().areas.explain(actor(), _person(person), name)
    except WikiError as error:
        names["problem"] = sentence(error)
        return draw("access.html", error.status, **names, found=None)
    return draw("access.html", **names, found=found, steps=_steps(found))


def _person(name: str) -> Actor:
    """Return who an account is to the wiki; raises NotFound."""
    if not name:
        return VISITOR_ACTOR
    return wiki().areas.actor_called(actor(), name)


def _steps(found: Explained) -> list[str]:
    """Return the reasons, one after the other, in sentences."""
    who = found.actor
    steps = [gettext("This is %(role)s.", role=gettext(ROLE_WORDS[who.role]))]
    if who.groups:
        groups = ", ".join(sorted(who.groups, key=str.casefold))
        steps.append(gettext("Groups: %(groups)s.", groups=groups))
    if who.scopes is not None:
        steps.append(
            gettext("This person is blocked: reading stays, changing does not.")
        )
    if found.page is None:
        steps.append(gettext("There is no page of that name now."))
    elif found.own:
        steps.append(
            gettext("The page's own fields say: %(who)s", who=readers(found.own))
        )
    else:
        steps.append(gettext("The page's own fields say nothing about readers."))
    if found.reading is not None:
        steps.append(
            gettext(
                "The rule of “%(area)s” says: %(who)s",
                area=found.reading.area,
                who=readers(found.reading.read),
            )
        )
    else:
        steps.append(gettext("No rule on an area says who reads."))
    steps.append(gettext("Together: %(who)s", who=readers(found.audience)))
    if found.editing is not None:
        area = found.editing.area or gettext("all pages")
        steps.append(
            gettext(
                "The rule of “%(area)s” says who changes pages: %(who)s.",
                area=area,
                who=editors(found.editing.edit),
            )
        )
    else:
        steps.append(
            gettext("No rule on an area says who changes pages: the role decides.")
        )
    return steps
