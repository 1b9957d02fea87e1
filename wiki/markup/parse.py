"""Text to tokens: the one step that hostile text could make slow.

The tree is a list of tokens, plain data throughout: ``{"type", "children" | "raw",
"attrs"}`` with mistune's type names. Of our own: ``alert`` (attrs kind), ``details``
(attrs open) with ``summary``, ``tag`` (attrs tag, html), ``anchor`` (attrs name),
``wbr``, ``footnote_ref`` (attrs number, mention), ``footnote_item`` (attrs number,
mentions), ``source`` (a text that could not be laid out), ``directive`` (see
``directives``). ``link`` has attrs ``url``
and perhaps ``title``, or ``wiki`` (the target of ``[[…]]``); ``block_code`` has attrs
``info`` and perhaps ``spans`` (a CSS class, a text, a class, …). Text is real text, its
entities decoded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

from mistune import Markdown
from mistune.core import BlockState

from ..model.page import WARNING, Problem
from ..model.parts import Token
from . import caps
from .blocks import Block
from .caps import check as check
from .code import spans
from .definitions import definitions
from .directives import Forms
from .finish import finish
from .inline import Inline
from .notes import footnotes
from .tables import tables
from .tags import pair

MarkdownPlugin = Callable[[Markdown], None]

_BAD = re.compile("[\ud800-\udfff\x00\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed text: its tokens, what the editor should look at, and the text.

    ``directives`` is how many of its tokens, at most, are such: none for most pages.
    """

    tokens: list[Token] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    source: str = ""
    directives: int = 0


class Parser:
    """Parses page bodies; one instance serves all threads.

    ``markdown_plugins`` are mistune plugins, called once with the Markdown object;
    ``forms`` are the directives that there are, by name.
    """

    def __init__(
        self,
        markdown_plugins: Sequence[MarkdownPlugin] = (),
        forms: Forms = MappingProxyType({}),
    ) -> None:
        own: list[Any] = [tables, definitions, footnotes, *markdown_plugins]
        inline = Inline()
        self._markdown = Markdown(None, Block(forms), inline, own)
        inline.prepare()
        self._markdown.before_render_hooks.insert(0, _finish)

    def parse(self, body: str) -> Tree:
        """Return the tree of a body; what breaks a cap is shown as its source."""
        body = _clean(body)
        problem = too_much(body)
        if problem:
            return as_source(body, problem)
        state = BlockState()
        state.env["source"] = body
        budget = max(caps.REFERENCES, caps.size_of(body))
        state.env["ref_links"] = caps.References(state.env, budget)
        tokens = cast(list[Token], self._markdown.parse(body, state)[0])
        if state.env.get("tags"):
            _pair_tags(tokens)
        _color(tokens)
        problems = tuple(state.env.get("problems", ()))
        return Tree(tokens, problems, body, state.env.get("directives", 0))


def too_much(body: str) -> Problem | None:
    """Return why a body is not laid out at all, or None."""
    size = caps.size_of(body)
    if size > caps.PAGE:
        return Problem(
            WARNING,
            "text",
            "This page is too long to lay out (%(size)d of %(limit)d kB). "
            "Its text is below and safe.",
            0,
            {"size": -(-size // caps.KB), "limit": caps.PAGE // caps.KB},
        )
    for line, _ in caps.long_lines(body)[:1]:
        return Problem(
            WARNING,
            "text",
            "This page has a line that is too long to lay out (line %(line)d). "
            "Its text is below and safe.",
            line,
            {"line": line},
        )
    return None


def as_source(body: str, problem: Problem) -> Tree:
    """Return a tree that shows the text as it was written, with the reason."""
    attrs = {"notice": str(problem)}
    return Tree([{"type": "source", "raw": body, "attrs": attrs}], (problem,), body)


def _clean(body: str) -> str:
    """Replace what no text may hold, and a mark of byte order at the start."""
    return _BAD.sub("\ufffd", body.removeprefix("\ufeff"))


def _finish(markdown: Markdown, state: BlockState) -> None:
    finish(state)


def _pair_tags(tokens: list[Token]) -> None:
    """Pair the inline tags of every block in place."""
    for token in tokens:
        children = token.get("children")
        if not children:
            continue
        if _holds_text(token):
            token["children"] = pair(children)
        else:
            _pair_tags(children)


def _holds_text(token: Token) -> bool:
    return token["type"] in (
        "paragraph",
        "block_text",
        "heading",
        "table_cell",
        "def_list_head",
        "summary",
    )


def _color(tokens: list[Token]) -> None:
    for token in tokens:
        if token["type"] == "block_code":
            info = token.get("attrs", {}).get("info", "")
            colors = spans(token["raw"], info) if info else None
            if colors:
                token["attrs"]["spans"] = colors
        elif "children" in token and not _holds_text(token):
            _color(token["children"])
