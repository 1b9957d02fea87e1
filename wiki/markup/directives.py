"""Directives: parts of a page that plugins draw, written as MyST does.

A fence of backticks, tildes or colons with ``{name} argument`` behind it, then lines
``:key: value``, then the body, which ends with a fence as long or longer. Here they
are read, with no more than their names known; a name that nobody knows is no directive,
and stays the code or the text that it was. ``directive`` tokens have attrs ``name``,
``argument``, ``options`` (pairs), ``head`` and ``fence`` (as written), ``line`` and
perhaps ``search``; a body of Markdown is their children, any other their raw.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from re import Match
from typing import Any, NamedTuple

from mistune.block_parser import BlockParser
from mistune.core import BlockState

from ..model.page import WARNING, WRITERS, Problem
from ..model.parts import Token
from .caps import DIRECTIVES, report
from .containers import rules_within

COLONS = r"^(?P<colons_1> {0,3})(?P<colons_2>:{3,60})[ \t]*(?P<colons_3>\{[^\n]*)$"
OPTIONS = 50  # of one directive

_HEAD = re.compile(r"\{([A-Za-z][\w:.+-]{0,59})\}[ \t]*(.*)")
_OPTION = re.compile(r"[ \t]*:([A-Za-z][\w-]{0,59}):(?:[ \t]+(.*?))?[ \t]*\Z")
_END = re.compile(r"^ {0,3}(:{3,})[ \t]*(?:\n|\Z)", re.M)


class Form(NamedTuple):
    """What has to be known of a directive to read it; see ``Directive``."""

    body: str = "text"
    search: bool = False
    fence: bool = False


Forms = Mapping[str, Form]


class Reader:
    """Reads the directives of the known names."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms

    def from_code(
        self, block: BlockParser, m: Match[str], state: BlockState, end: int
    ) -> int:
        """Make a directive of the fenced code just read, where it is one."""
        info = m.group("fenced_3").strip()
        found = _HEAD.fullmatch(info)
        if found:
            name, argument = found.group(1), found.group(2).strip()
        else:
            name, _, argument = info.partition(" ")
            if name not in self._forms or not self._forms[name].fence:
                return end
        place = state.cursor, m.end()
        line = self._admit(block, state, name, m, UNKNOWN_CODE)
        if line:
            code = state.tokens.pop()["raw"]
            fence = m.group("fenced_2")
            self._add(block, state, (name, argument, fence, line), place, code)
        return end

    def from_colons(
        self, block: BlockParser, m: Match[str], state: BlockState
    ) -> int | None:
        """Read a directive between colons; None where it stays text."""
        info = m.group("colons_3").strip()
        found = _HEAD.fullmatch(info)
        if not found:
            return None
        line = self._admit(block, state, found.group(1), m, UNKNOWN_COLONS)
        if not line:
            return None
        place, fence = (state.cursor, m.end()), m.group("colons_2")
        start = min(m.end() + 1, state.cursor_max)
        close = next(
            (
                one
                for one in _END.finditer(state.src, start)
                if len(one.group(1)) >= len(fence)
            ),
            None,
        )
        if close is None:
            _tell(state, NOT_CLOSED, line, name=found.group(1))
        body = state.src[start : close.start() if close else state.cursor_max]
        if indent := m.group("colons_1"):
            body = re.sub(f"^ {{0,{len(indent)}}}", "", body, flags=re.M)
        argument = found.group(2).strip()
        self._add(block, state, (found.group(1), argument, fence, line), place, body)
        return close.end() if close else state.cursor_max

    def _admit(
        self,
        block: BlockParser,
        state: BlockState,
        name: str,
        m: Match[str],
        unknown: str,
    ) -> int:
        """Return the line that a directive begins in, or 0 where it is none."""
        first, form = m.group(0).strip(), self._forms.get(name)
        if form is None:
            seen: set[str] = state.env.setdefault("unknown_directives", set())
            if name not in seen and len(seen) < UNKNOWN:
                seen.add(name)
                _tell(state, unknown, _line_of(state, first), name=name)
            return 0
        count = state.env["directives"] = state.env.get("directives", 0) + 1
        if count > DIRECTIVES:
            if count == DIRECTIVES + 1:
                _tell(state, TOO_MANY, _line_of(state, first), limit=DIRECTIVES)
            return 0
        line = _line_of(state, first)
        if form.body == "markdown" and state.depth() >= block.max_nested_level - 1:
            _tell(state, TOO_DEEP, line, name=name)
            return 0
        return line

    def _add(
        self,
        block: BlockParser,
        state: BlockState,
        what: tuple[str, str, str, int],
        place: tuple[int, int],
        source: str,
    ) -> None:
        name, argument, fence, line = what
        options, length = _options(source)
        rest = source[length:].lstrip("\n")
        written = source[: len(source) - len(rest)]
        head = f"{state.src[place[0] : place[1]].strip()}\n{written}"
        body = rest.rstrip("\n")
        attrs: dict[str, Any] = {
            "name": name,
            "argument": argument,
            "options": options,
            "head": head,
            "fence": fence,
            "line": line,
        }
        token: Token = {"type": "directive", "attrs": attrs}
        if self._forms[name].body == "markdown":
            child = state.child_state(body + "\n")
            block.parse(child, rules_within(block, state, block.rules))
            token["children"] = child.tokens
        else:
            token["raw"] = body
            if self._forms[name].search:
                attrs["search"] = True
        state.append_token(token)


def _options(source: str) -> tuple[list[list[str]], int]:
    """Return the pairs of the lines that begin a body, and how long these are."""
    found: list[list[str]] = []
    position = 0
    while position < len(source) and len(found) < OPTIONS:
        end = source.find("\n", position) + 1 or len(source)
        one = _OPTION.match(source[position:end].rstrip("\n"))
        if not one:
            break
        found.append([one.group(1), one.group(2) or ""])
        position = end
    return found, position


def _line_of(state: BlockState, text: str) -> int:
    """Return the line that holds a text, looked for behind the last one found.

    Blocks are met in their order, so that all lookups together read the page once.
    """
    source: str = state.env.get("source", "")
    place, line = state.env.get("directive_place", (0, 1))
    found = source.find(text, place)
    if found < 0:
        return int(line)
    line += source.count("\n", place, found)
    state.env["directive_place"] = (found + len(text), line)
    return int(line)


def _tell(state: BlockState, message: str, line: int, **params: Any) -> None:
    report(state.env, note(message, line, **params))


def note(message: str, line: int, **params: Any) -> Problem:
    """Return a problem that those who write are told of, and nobody else."""
    return Problem(WARNING, WRITERS, message, line, {"line": line, **params})


UNKNOWN = 20  # names of one page that are told of
UNKNOWN_CODE = (
    "Nothing here is called “%(name)s” (line %(line)d), so it is shown as code. "
    "Is it code, write the name without { }."
)
UNKNOWN_COLONS = (
    "Nothing here is called “%(name)s” (line %(line)d), so it is shown as text."
)
NOT_CLOSED = (
    "“%(name)s” in line %(line)d is not closed, so it takes all that follows. Close it "
    "with a line of as many colons."
)
TOO_MANY = (
    "A page can have %(limit)d parts in { }. From line %(line)d on they are shown as "
    "they were written."
)
TOO_DEEP = (
    "“%(name)s” in line %(line)d stands in too many others, so it is shown as it was "
    "written."
)
