"""Tokens to safe HTML: passes, links, HTML, sanitizer, in this order.

Links are resolved after the last pass, with one call of ``resolve`` for all targets
that have to be looked up (page, file and prefixed ones). The tree is not changed:
passes get a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from ..model.page import WARNING, Problem
from ..model.parts import Link, PageContext, RenderedPage, Token
from . import caps, links, sanitize
from .html import Draw, Html, TooLong
from .links import Target
from .outline import Outline, without_title
from .parse import Tree, as_source

Resolve = Callable[[Sequence[Target]], Mapping[Target, Link]]
Pass = Callable[[list[Token], PageContext], list[Token]]
HtmlPass = Callable[[str, PageContext], str]

LOOKED_UP = ("page", "file", "prefixed")


def render(
    tree: Tree,
    page: PageContext,
    resolve: Resolve,
    passes: Iterable[Pass] = (),
    html_passes: Iterable[HtmlPass] = (),
    draw: Draw | None = None,
    classes: Collection[str] = (),
) -> RenderedPage:
    """Return the safe HTML of a tree with its outline and its problems.

    ``resolve`` returns a Link for each target it knows; pages it leaves out are shown
    as missing. A tree too large for the output bound is shown as text; a tree that a
    pass made unusable is shown without the passes. ``draw`` makes the HTML of
    directives; ``classes`` are then beginnings of classes that it may use.
    """
    passes = tuple(passes)
    tokens = copy(tree.tokens) if passes else tree.tokens
    for change in passes:
        tokens = change(tokens, page)
    try:
        html, outline, found = _lay_out(tree, tokens, page, resolve, draw)
    except Exception:  # whatever a plugin left in the tree
        if not passes:
            raise
        html, outline, found = _lay_out(tree, tree.tokens, page, resolve, draw)
        found.append(_unusable())
    for rewrite in html_passes:
        html = rewrite(html, page)
    problems: list[Problem] = []
    for problem in (*tree.problems, *page.problems, *found):
        if problem not in problems:
            problems.append(problem)
    html = sanitize.clean(html, frozenset(classes))
    return RenderedPage(html, outline.items, page.data, tuple(problems))


def _lay_out(
    tree: Tree,
    tokens: list[Token],
    page: PageContext,
    resolve: Resolve,
    draw: Draw | None,
) -> tuple[str, Outline, list[Problem]]:
    tokens = without_title(tokens, page.title)
    wanted = [t for t in links.targets(tokens, page.name) if t.kind in LOOKED_UP]
    known = resolve(wanted) if wanted else {}
    outline = Outline(tokens)
    writer = Html(page, known, outline, caps.output_limit(len(tree.source)), draw)
    try:
        return writer.write(tokens), outline, writer.problems
    except TooLong:
        source = as_source(tree.source, _too_much())
        html = Html(page, {}, outline, 0).many(source.tokens)
        return html, Outline([]), [*writer.problems, *source.problems]


def copy(tokens: Sequence[Token]) -> list[Token]:
    """Return a copy of a tree that a pass may change as it likes."""
    return [_copy(token) for token in tokens]


def _copy(token: Token) -> Token:
    new = token.copy()
    if "children" in new:
        new["children"] = [_copy(child) for child in new["children"]]
    if "attrs" in new:
        new["attrs"] = new["attrs"].copy()
    return new


def _too_much() -> Problem:
    return Problem(
        WARNING,
        "text",
        "This page grows too much when it is laid out. Its text is below and safe.",
    )


def _unusable() -> Problem:
    return Problem(
        WARNING,
        "text",
        "A plugin changed this page in a way that cannot be shown, so it is shown "
        "without what plugins add.",
    )
