"""Definition lists: a line, then lines that begin with a colon and a space."""

from __future__ import annotations

import re
from re import Match
from typing import TYPE_CHECKING

from mistune.block_parser import BlockParser
from mistune.core import BlockState
from mistune.util import strip_end

from ..model.parts import Token

if TYPE_CHECKING:
    from mistune.markdown import Markdown

PATTERN = r"^ {0,3}:[ \t]+(?=\S)"
_START = re.compile(r" {0,3}:[ \t]+(?=\S)")
_INDENT = re.compile(r"^ {1,4}", re.M)


def definitions(md: Markdown) -> None:
    """Add definition lists to a parser."""
    md.block.register("definition", PATTERN, _parse)


def _parse(block: BlockParser, m: Match[str], state: BlockState) -> int | None:
    loose = bool(state.tokens) and state.tokens[-1]["type"] == "blank_line"
    place = len(state.tokens) - 1 - loose
    if place < 0 or state.depth() >= block.max_nested_level - 1:
        return None
    before = state.tokens[place]
    if before["type"] == "paragraph":
        heads: list[Token] = [
            {"type": "def_list_head", "text": line}
            for line in before["text"].strip("\n").split("\n")
        ]
    elif before["type"] == "def_list" and not loose:
        heads = []
    else:
        return None
    text, position = _collect(state)
    child = state.child_state(text)
    block.parse(child, block.list_rules)
    if not loose and len(child.tokens) == 1 and child.tokens[0]["type"] == "paragraph":
        child.tokens[0]["type"] = "block_text"
    item: Token = {"type": "def_list_item", "children": child.tokens}
    del state.tokens[place + (before["type"] == "def_list") :]
    last = state.tokens[-1] if state.tokens else None
    if last and last["type"] == "blank_line" and place > 1:
        last = state.tokens[-2] if state.tokens[-2]["type"] == "def_list" else None
        if last:
            state.tokens.pop()
    if last and last["type"] == "def_list":
        last["children"] += [*heads, item]
    else:
        state.append_token({"type": "def_list", "children": [*heads, item]})
    return position


def _collect(state: BlockState) -> tuple[str, int]:
    """Return the text of one definition and where it ends."""
    position = state.cursor
    lines = [_START.sub("", state.get_line(position), count=1)]
    position += len(state.get_line(position))
    blank = False
    while position < state.cursor_max:
        line = state.get_line(position)
        if not line.strip():
            blank = True
        elif _START.match(line) or (blank and not line.startswith(("  ", "\t"))):
            break
        else:
            lines += ["\n"] * blank
            lines.append(_INDENT.sub("", line.expandtabs(4)))
            blank = False
        position += len(line)
    return strip_end("".join(lines)), position
