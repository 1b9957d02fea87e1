"""Draws the directives of pages: their options checked, their plugins guarded.

Whatever is wrong with one, its text is shown in its place, and those who write are
told. ``templates`` is set by the web, which has the engine; without it, as on the
command line, nothing is drawn and nothing of the page is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .hooks import Door
from .markup import sanitize
from .markup.directives import note
from .markup.parse import Tree
from .model.answers import GROWTH, MORE_HTML, PageGuard, WrongAnswer
from .model.page import WRITERS, Problem
from .model.parts import Directive, Option, PageContext, SafeHtml, Token

# HTML that the directives of one page may have made, their bodies counted at each
# level, so that nested ones stay cheap.
MOST_HTML = 4 * 1024 * 1024
YES, NO = ("", "yes", "true", "on"), ("no", "false", "off")
LARGEST = 10**15  # of a number
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}\Z")

# Draws (template, context, language of the page).
Templates = Callable[[str, Mapping[str, Any], str], str]


class Refused(Exception):
    """A directive was not written as it should; ``problem`` says how."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.message, self.params = message, params


@dataclass(frozen=True, slots=True)
class Known:
    """A directive and the plugin that draws it."""

    plugin: str
    directive: Directive


class Directives:
    """The directives of one wiki, by name."""

    def __init__(self, door: Door, known: Mapping[str, Known]) -> None:
        self._door, self._known = door, known
        self.templates: Templates | None = None

    def checked(self, tree: Tree) -> Tree:
        """Return a tree that also tells of directives that are not written right."""
        if not tree.directives:
            return tree
        found = []
        for token in _walk(tree.tokens):
            known = self._known.get(token["attrs"]["name"])
            try:
                if known:
                    read(known.directive, token["attrs"])
            except Refused as wrong:
                found.append(_problem(wrong, token["attrs"]))
        return replace(tree, problems=(*tree.problems, *found))

    def drawer(self, page: PageContext, keep_not: Callable[[], None]) -> Drawer:
        """Return what draws the directives of one rendering of a page.

        ``keep_not`` is called when a plugin failed: the next try may be better.
        """
        return Drawer(self._door, self._known, self.templates, page, keep_not)


class Drawer:
    """Draws the directives of a page. ``classes`` are beginnings that they may use."""

    def __init__(
        self,
        door: Door,
        known: Mapping[str, Known],
        templates: Templates | None,
        page: PageContext,
        keep_not: Callable[[], None],
    ) -> None:
        self._door, self._known, self._templates = door, known, templates
        self._page, self._keep_not = page, keep_not
        self._left = MOST_HTML
        self.classes: set[str] = set()

    def __call__(self, token: Token, inner: str) -> str | None:
        """Return the HTML of a directive, None where it has to be shown as text."""
        attrs = token["attrs"]
        known = self._known.get(attrs["name"])
        if known is None or self._templates is None:
            self._keep_not()
            return None
        try:
            argument, options = read(known.directive, attrs)
            if len(inner) > self._left:
                raise Refused(TOO_LONG)
        except Refused as wrong:
            self._page.problems.append(_problem(wrong, attrs))
            return None
        markdown = known.directive.body == "markdown"
        body = SafeHtml(inner) if markdown else str(token.get("raw", ""))
        html = self._guarded(known, attrs, argument, options, body)
        if html is None:
            failed = Refused(FAILED, plugin=known.plugin)
            self._page.problems.append(_problem(failed, attrs))
            self._keep_not()
        return html

    def _guarded(
        self,
        known: Known,
        attrs: Mapping[str, Any],
        argument: str,
        options: Mapping[str, Any],
        body: str,
    ) -> str | None:
        plugin, directive = known.plugin, known.directive
        data = self._page.data.get(plugin)
        own = replace(
            self._page, data={} if data is None else {plugin: data}, problems=[]
        )
        guard, templates = PageGuard(own), self._templates
        made: list[str] = []

        def work() -> None:
            template, context = _answer(directive.render(argument, options, body, own))
            guard.check()
            html = templates(template, context, own.lang) if templates else ""
            if len(html) > GROWTH * len(body) + MORE_HTML:
                raise WrongAnswer("the HTML became much too long")
            made.append(sanitize.clean(html, frozenset({f"p-{plugin}-"})))

        if not self._door.run(plugin, f"directive {directive.name}", work):
            return None
        self._left -= len(made[0])
        self.classes.add(f"p-{plugin}-")
        if plugin in own.data:
            self._page.data[plugin] = own.data[plugin]
        line = int(attrs.get("line", 0))
        self._page.problems.extend(
            replace(one, field=WRITERS, line=one.line or line) for one in own.problems
        )
        return made[0]


def _answer(answer: Any) -> tuple[str, Mapping[str, Any]]:
    if isinstance(answer, tuple) and len(answer) == 2:
        template, context = answer
        if isinstance(template, str) and isinstance(context, Mapping):
            return template, context
    raise WrongAnswer(
        "render must return the name of a template and what it is given, not "
        f"{type(answer).__name__}"
    )


def _walk(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token["type"] == "directive":
            yield token
        yield from _walk(token.get("children") or ())


def _problem(wrong: Refused, attrs: Mapping[str, Any]) -> Problem:
    return note(wrong.message, attrs["line"], name=attrs["name"], **wrong.params)


def declared_wrong(directive: Directive) -> str:
    """Return what is wrong with a declaration, or an empty string."""
    names = [option.name for option in directive.options]
    if not all(NAME.match(name) for name in (directive.name, *names)):
        return "is, or has, a name that is not of small letters, digits and “-”"
    if len(set(names)) < len(names):
        return "has two options of one name"
    if any(it.kind == "choice" and not it.choices for it in directive.options):
        return "has an option that is a choice and has no choices"
    return ""


def read(
    directive: Directive, attrs: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any]]:
    """Return argument and options as declared; raises Refused."""
    argument = attrs["argument"]
    if directive.argument == "required" and not argument:
        raise Refused(NO_ARGUMENT)
    if directive.argument == "none" and argument:
        raise Refused(AN_ARGUMENT)
    declared = {option.name: option for option in directive.options}
    values = {option.name: option.default for option in directive.options}
    given: set[str] = set()
    for name, text in attrs["options"]:
        if name not in declared:
            raise Refused(NO_OPTION, option=name, known=", ".join(declared) or "–")
        if name in given:
            raise Refused(TWICE, option=name)
        given.add(name)
        values[name] = _value(declared[name], text)
    return argument, values


def _value(option: Option, text: str) -> Any:
    if option.kind == "boolean":
        if text.lower() not in YES + NO:
            raise Refused(YES_OR_NO, option=option.name)
        return text.lower() in YES
    if option.kind == "number":
        try:
            number = int(text) if len(text) < 20 and text.isascii() else None
        except ValueError:
            number = None
        if number is None or abs(number) > LARGEST:
            raise Refused(NO_NUMBER, option=option.name)
        return number
    if option.choices and text not in option.choices:
        raise Refused(NO_CHOICE, option=option.name, choices=", ".join(option.choices))
    if len(text) > option.limit:
        raise Refused(LONG_OPTION, option=option.name, limit=option.limit)
    return text


NO_ARGUMENT = "“%(name)s” in line %(line)d needs something behind it, on the same line."
AN_ARGUMENT = "“%(name)s” in line %(line)d takes nothing behind it on the same line."
NO_OPTION = (
    "“%(name)s” in line %(line)d has no option “%(option)s”. There are: %(known)s."
)
TWICE = "“%(name)s” in line %(line)d has the option “%(option)s” twice."
YES_OR_NO = "The option “%(option)s” of “%(name)s” in line %(line)d is yes or no."
NO_NUMBER = (
    "The option “%(option)s” of “%(name)s” in line %(line)d has to be a whole number."
)
NO_CHOICE = (
    "The option “%(option)s” of “%(name)s” in line %(line)d is one of: %(choices)s."
)
LONG_OPTION = (
    "The option “%(option)s” of “%(name)s” in line %(line)d is too long. It can have "
    "%(limit)d characters."
)
TOO_LONG = (
    "“%(name)s” in line %(line)d holds too much, so it is shown as it was written. "
    "Move some of it to another page."
)
FAILED = (
    "The plugin “%(plugin)s” could not show “%(name)s” in line %(line)d, so it is "
    "shown as it was written. Tell an administrator."
)
