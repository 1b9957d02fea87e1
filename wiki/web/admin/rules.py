"""Areas: who reads and who changes which part of the wiki."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, request, url_for

from wiki.errors import WikiError
from wiki.model.actor import PUBLIC, ROLES
from wiki.model.rules import Rule

from ..audience import readers
from ..current import actor, wiki
from ..language import audience_words, gettext, ngettext, sentence
from .blueprint import bp, draw


@dataclass(frozen=True, slots=True)
class RuleForm:
    """What the form holds, as typed."""

    area: str = ""
    read: str = ""
    edit: str = ""


def read_form() -> RuleForm:
    form = request.form
    return RuleForm(
        form.get("area", "")[:1000],
        form.get("read", "")[:2000],
        form.get("edit", "")[:2000],
    )


@bp.get("/areas")
def rules() -> Response:
    """List the rules; ``?area=`` puts one into the form."""
    rule = wiki().access.rules.at(request.args.get("area", "")[:1000])
    form = RuleForm(request.args.get("area", "")[:1000])
    if rule is not None and rule.area:
        form = RuleForm(rule.area, _typed(rule.read), rule.edit and _typed(rule.edit))
    return _show(form)


def _typed(audience: str) -> str:
    """Return an audience as people write it."""
    return audience.replace("|", ", ")


def _show(
    form: RuleForm, problem: str = "", status: int = 200, **names: Any
) -> Response:
    return draw(
        "rules.html",
        status,
        rows=[_row(rule) for rule in wiki().areas.all(actor())],
        default=_who(wiki().access.rules.default),
        groups=wiki().areas.groups(),
        roles=ROLES[1:],
        form=form,
        problem=problem,
        **names,
    )


def _row(rule: Rule) -> dict[str, str]:
    return {
        "area": rule.area,
        "read": _who(rule.read) if rule.read else "",
        "edit": editors(rule.edit) if rule.edit else "",
    }


def _who(audience: str) -> str:
    """Return an audience in words, with the number of people it is."""
    words = audience_words(audience)
    if audience == PUBLIC:
        return words
    people = wiki().areas.people(audience)
    counted = ngettext("%(num)d person", "%(num)d people", people)
    return f"{words} ({counted})"


def editors(who: str) -> str:
    """Return who changes pages by a rule, in words."""
    known = {
        "member": gettext("Every member"),
        "editor": gettext("Editors"),
        "moderator": gettext("Moderators"),
        "admin": gettext("Administrators"),
    }
    return known.get(who) or audience_words(who)


@bp.post("/areas")
def set_rule() -> Response:
    """Set a rule; what opens pages to more people is asked about first."""
    form = read_form()
    try:
        rule = wiki().areas.checked(form.area, form.read, form.edit)
        narrower, wider = wiki().areas.effect(actor(), rule.area, rule)
        if wider and "widen" not in request.form:
            then = readers(wiki().access.rules.changed(rule, rule.area).default)
            then = readers(rule.read) if rule.read else then
            return _show(form, status=422, ask=_effect(narrower, wider), then=then)
        changed = wiki().areas.set(actor(), rule.area, form.read, form.edit)
    except WikiError as error:
        return _show(form, sentence(error), error.status)
    return _done(gettext("The rule of “%(area)s” holds now.", area=rule.area), changed)


@bp.post("/areas/remove")
def remove_rule() -> Response:
    """Take a rule away; the area above decides again."""
    form = read_form()
    try:
        narrower, wider = wiki().areas.effect(actor(), form.area, None)
        if wider and "widen" not in request.form:
            return _show(form, status=422, ask=_effect(narrower, wider), removing=True)
        changed = wiki().areas.remove(actor(), form.area)
    except WikiError as error:
        return _show(form, sentence(error), error.status)
    return _done(gettext("The rule of “%(area)s” is gone.", area=form.area), changed)


def _effect(narrower: int, wider: int) -> list[str]:
    """Return what a change does to how many pages."""
    found = [
        ngettext(
            "%(num)d page becomes visible to more people.",
            "%(num)d pages become visible to more people.",
            wider,
        )
    ]
    if narrower:
        found.append(
            ngettext(
                "%(num)d page becomes visible to fewer people.",
                "%(num)d pages become visible to fewer people.",
                narrower,
            )
        )
    return found


def _done(text: str, changed: int) -> Response:
    more = ngettext(
        "%(num)d page has other readers now.",
        "%(num)d pages have other readers now.",
        changed,
    )
    flash(f"{text} {more}", "ok")
    return make_response(redirect(url_for("admin.rules"), 303))
