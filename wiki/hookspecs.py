"""Every hook a plugin may implement, with its kind.

The decorator names the kind and what an answer must be:

- ``collect(T)``  every list of T is joined; a failing plugin's items are missing.
- ``first(T)``    the first answer that is not None wins.
- ``chain``       the first argument is passed on; None means unchanged.
- ``guard(T)``    objections are gathered; a failing plugin is an objection.
- ``notify``      the return is ignored.

An implementation may name fewer arguments. ``wiki.hooks`` calls them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pluggy

from .model.actor import Actor, Sees
from .model.events import Event
from .model.page import Draft, Page, Problem
from .model.parts import (
    Action,
    Alternate,
    Asset,
    Check,
    Directive,
    Job,
    Link,
    NavItem,
    PageContext,
    PageType,
    Panel,
    Token,
)
from .search.base import Node

PROJECT = "wiki"
_hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

Spec = TypeVar("Spec", bound=Callable[..., Any])


def _kind(kind: str, answer: type | None) -> Callable[[Spec], Spec]:
    def mark(function: Spec) -> Spec:
        vars(function)["wiki_kind"] = kind
        vars(function)["wiki_answer"] = answer
        return _hookspec(function)

    return mark


def collect(answer: type) -> Callable[[Spec], Spec]:
    return _kind("collect", answer)


def first(answer: type) -> Callable[[Spec], Spec]:
    return _kind("first", answer)


def guard(answer: type) -> Callable[[Spec], Spec]:
    return _kind("guard", answer)


chain = _kind("chain", None)
notify = _kind("notify", None)


# -- life


@notify
def setup(wiki: Any) -> None:
    """Run once at start, when the plugin's settings are valid.

    ``wiki`` is the :class:`wiki.service.Wiki`. A plugin whose setup fails is off.
    """


@collect(object)
def blueprints() -> list[Any]:
    """Return Flask blueprints; each is mounted at ``/-/p/<plugin>/``.

    A blueprint's name is the plugin's name; its pages are open to everybody and
    must ask the wiki only for what ``wiki.web.actor()`` may see.
    """


@collect(Check)
def health_checks() -> list[Check]:
    """Return checks for the health page; each says ok, warning or failing."""


@collect(object)
def commands() -> list[Any]:
    """Return ``click.Command`` objects, run as ``wiki <plugin> <command>``.

    A command gets the instance as click's object: ``with click.get_current_context().
    obj.open() as wiki`` opens it.
    """


@collect(Job)
def jobs() -> list[Job]:
    """Return what is to be done every so many seconds, by one process of the wiki.

    Jobs run behind the requests, one after the other; a long one should do a part
    and return. Rights are checked when a job runs, not when it was asked for.
    """


# -- pages


@collect(PageType)
def page_types() -> list[PageType]:
    """Return kinds of pages: their fields, template, starter text and limits."""


@chain
def prepare_page(draft: Draft, actor: Actor) -> Draft | None:
    """Return an adjusted draft before it is checked, or None to leave it."""


@guard(Problem)
def page_problems(
    draft: Draft, kind: str, meta: dict[str, Any], before: Page | None, actor: Actor
) -> list[Problem]:
    """Return what is wrong with a draft; an error stops the save, the text is kept.

    ``kind`` and ``meta`` are the draft's page type and front matter; ``before`` is
    the page as it is, None for a new one.
    """


@notify
def on_event(event: Event) -> None:
    """Hear of a fact (``wiki.model.events``), after its commit and only then."""


# -- markup


@collect(str)
def markdown_plugins() -> list[str]:
    """Return mistune plugins as ``module:function``; the function takes ``md``.

    Named, not passed, because pages are parsed in a process that can be stopped.
    """


@collect(Directive)
def directives() -> list[Directive]:
    """Return parts of a page that the plugin draws, written as fences with ``{name}``.

    ``render(argument, options, body, page)`` of each returns the name of a template
    and what the template is given, never HTML. The template is drawn without a
    request, because all who see the same share the result: ``_`` speaks the language
    of the page, ``page_url(name)`` is an address, and classes begin with
    ``p-<plugin>-``. Its HTML is cleaned like the rest of the page.
    """


@chain
def page_tree(tokens: list[Token], page: PageContext) -> list[Token] | None:
    """Return a changed token tree of a page, or None to leave it.

    Text tokens may become link tokens with ``attrs`` ``class`` and ``describedby``.
    What a panel shall show goes to ``page.data[<plugin>]``, JSON types only.
    """


@first(Link)
def resolve_link(prefix: str, target: str, page: PageContext) -> Link | None:
    """Return where ``[[prefix:target]]`` leads, or None for the next plugin."""


@chain
def page_html(html: str, page: PageContext) -> str | None:
    """Return changed HTML, the last resort; the sanitizer comes after it."""


# -- screen


@collect(NavItem)
def nav_items(actor: Actor) -> list[NavItem]:
    """Return entries of the main navigation for this person."""


@collect(Action)
def page_actions(page: Page, actor: Actor) -> list[Action]:
    """Return things to do with a page, shown in its row of actions."""


@collect(Panel)
def panels(slot: str, subject: Any, actor: Actor) -> list[Panel]:
    """Return blocks for a slot.

    Slots are ``page.top``, ``page.aside``, ``page.bottom`` and ``home.top``; the
    subject is the :class:`wiki.service.PageView`.
    """


@collect(Asset)
def assets(view: str, subject: Any) -> list[Asset]:
    """Return style sheets and scripts for a view.

    Views are ``page``, ``page.<type>`` for a page of a type, ``edit`` and
    ``plugin`` for what plugins show. The fewer pages load a file the better: the
    subject of a page is its :class:`wiki.service.PageView`, else None, and
    ``subject.rendered.data`` says what a plugin left in it.
    """


@collect(Alternate)
def alternates(view: str, subject: Any) -> list[Alternate]:
    """Return other forms of what is shown, for programs that look for them: feeds.

    View and subject are those of ``assets``. Each stands in the head of the page as
    ``<link rel="alternate">``; only addresses of this wiki are taken.
    """


# -- search


@chain
def search_query(query: Node, sees: Sees) -> Node | None:
    """Return a changed query tree (synonyms), or None to leave it."""
