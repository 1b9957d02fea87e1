"""Who can see a page: the sentence on it, and the form that changes it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from wiki.errors import Conflict, NotValid, Wider, WikiError
from wiki.markup.front import set_fields
from wiki.model import audience as audiences
from wiki.model.actor import ADMIN, ADMINS, MEMBERS, PUBLIC
from wiki.model.page import Draft, Page
from wiki.model.rules import Rule
from wiki.reviewing import HELD

from .current import actor, count_write, page_url, wiki
from .frame import render
from .language import gettext, ngettext, sentence

bp = Blueprint("audience", __name__)

AS_AREA, GROUPS = "area", "groups"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the form says: one of the words, or groups by name."""

    who: str
    groups: tuple[str, ...] = ()

    @property
    def value(self) -> str | list[str] | None:
        """What is written in the front matter; None takes the field away."""
        if self.who == AS_AREA:
            return None
        if self.who != GROUPS:
            return self.who
        words = [audiences.GROUP + group for group in self.groups]
        return words[0] if len(words) == 1 else words


def readers(audience: str) -> str:
    """Return a sentence that says who can read something, and how many they are."""
    if audience == PUBLIC:
        return gettext("Everyone can read this page.")
    people = wiki().areas.people(audience)
    counted = ngettext("%(num)d person", "%(num)d people", people)
    if audience == MEMBERS:
        return gettext("Visible to members: %(people)s.", people=counted)
    if audience == ADMINS:
        return gettext("Visible to administrators only: %(people)s.", people=counted)
    named = audiences.groups(audience)
    if "&" in audience or len(named) > 3:
        return ngettext(
            "Visible to members of %(num)d group, %(people)s.",
            "Visible to members of %(num)d groups, %(people)s.",
            len(named),
            people=counted,
        )
    return gettext(
        "Visible to members of %(groups)s: %(people)s.",
        groups=gettext(" or ").join(named),
        people=counted,
    )


def wider_words(wider: Wider) -> dict[str, str]:
    """Return what becomes true when a page is opened, in words and numbers."""
    return {
        "now": readers(wider.before),
        "then": readers(wider.becomes),
    }


def agreed() -> bool:
    """Tell whether the person said that more people may read the page."""
    return "widen" in request.form


@bp.get("/-/audience/<path:name>")
def audience(name: str) -> Response:
    """Say who can see a page and why; those who may change it can change that."""
    wiki().access.check_signed_in(actor())
    page = wiki().page(actor(), name)
    return _show(page, _chosen(page))


def _chosen(page: Page) -> Choice:
    own = audiences.read(page.meta.get("audience"))
    if not own:
        return Choice(AS_AREA)
    if own in (PUBLIC, MEMBERS, ADMINS):
        return Choice(own)
    return Choice(GROUPS, tuple(audiences.groups(own)))


def _show(
    page: Page,
    chosen: Choice,
    problem: str = "",
    status: int = 200,
    wider: Wider | None = None,
) -> Response:
    may_change = wiki().access.allows(actor(), "edit", page)
    may_change = may_change and wiki().sees_source(actor(), page)
    rules = wiki().access.rules
    rule: Rule | None = rules.for_reading(page.key)
    response = render(
        "audience.html",
        status,
        page=page,
        sentence_now=readers(page.audience),
        rule=rule,
        as_area=readers(rules.audience(page.key, "")),
        chosen=chosen,
        groups=_groups(chosen),
        may_change=may_change,
        problem=problem,
        wider=wider_words(wider) if wider else None,
        understood=audiences.is_understood(page.meta.get("audience"))
        or not page.meta.get("audience"),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _groups(chosen: Choice) -> list[str]:
    """Return the groups to choose from: one's own, for administrators all."""
    own = set(actor().groups)
    if actor().at_least(ADMIN):
        own = set(wiki().areas.groups())
    return sorted(own | set(chosen.groups), key=str.casefold)


@bp.post("/-/audience/<path:name>")
def change(name: str) -> Response:
    """Write the audience into the page's fields, as a new version."""
    page = wiki().page(actor(), name)
    wiki().access.check(actor(), "edit", page)
    text = wiki().source(actor(), page)
    chosen = Choice(
        request.form.get("who", ""), tuple(request.form.getlist("group")[:100])
    )
    try:
        count_write()
        _check(chosen, _chosen(page))
        draft = Draft(
            page.name,
            set_fields(text, {"audience": chosen.value}),
            gettext("Changed who can see this page"),
        )
        done = wiki().save(actor(), draft, page.n, merge=False, widen=agreed())
    except Wider as wider:
        return _show(page, chosen, status=wider.status, wider=wider)
    except Conflict:
        page = wiki().page(actor(), name)
        again = "Somebody changed this page just now. Look again, then choose again."
        return _show(page, chosen, gettext(again), 409)
    except NotValid as error:
        texts = [sentence(one) for one in error.problems] or [sentence(error)]
        return _show(page, chosen, " ".join(texts), error.status)
    except WikiError as error:
        return _show(page, chosen, sentence(error), error.status)
    if done.held:
        flash(gettext(HELD), "ok")
        return make_response(redirect(url_for("review.waiting"), 303))
    flash(readers(done.page.audience), "ok")
    return make_response(redirect(page_url(done.page.name), 303))


def _check(chosen: Choice, now: Choice) -> None:
    if chosen.who not in (AS_AREA, PUBLIC, MEMBERS, GROUPS, ADMINS):
        raise NotValid(sentence="Choose who can see the page.")
    if chosen.who == GROUPS and not chosen.groups:
        raise NotValid(sentence="Choose at least one group.")
    # Who is not in a group is not told whether there is one of that name.
    known = set(wiki().areas.groups()) & set(_groups(now))
    if chosen.who == GROUPS and not set(chosen.groups) <= known:
        raise NotValid(
            sentence="One of these groups is not there any more, or you are not in it."
        )
