"""Quotes and lists: which lines belong to them, read strictly by CommonMark.

In the place of mistune's, which lets a line without marker continue whatever stands
before it, a heading or code too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from re import Match

from mistune.block_parser import BlockParser
from mistune.core import BlockState

from ..model.parts import Token
from .lazy import INTERRUPTS, Leaf

_QUOTE = re.compile(r" {0,3}>")
_MARKER = re.compile(r"(?P<indent> {0,3})(?P<marker>[-+*]|\d{1,9}[.)])(?=[ \t\n]|\Z)")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,})$", re.M)
NEVER = 1 << 30  # a margin that no line reaches

_BELOW = ("list", "block_quote")


def rules_within(block: BlockParser, state: BlockState, rules: list[str]) -> list[str]:
    """Return the rules for what a container holds; at the cap, no more containers."""
    if state.depth() < block.max_nested_level - 1:
        return rules
    return [rule for rule in rules if rule not in _BELOW]


def parse_quote(block: BlockParser, m: Match[str], state: BlockState) -> int:
    """Parse a block quote from its first line."""
    lines: list[str] = []
    lazy: set[int] = set()
    leaf, size, position = Leaf(lines), 0, state.cursor
    while position < state.cursor_max:
        line = state.get_line(position)
        found = _QUOTE.match(line)
        if found:
            text = _cut(line, found.end(), 1)
            text = text if text.strip() else "\n"
        elif _begins(line) or not leaf.open():
            break
        else:
            text = line
            lazy.add(size)
        lines.append(text)
        size += len(text)
        position += len(line)
    child = state.child_state("".join(lines), lazy)
    block.parse(child, rules_within(block, state, block.block_quote_rules))
    state.append_token({"type": "block_quote", "children": child.tokens})
    return position


@dataclass(slots=True)
class _Item:
    lines: list[str] = field(default_factory=list)
    lazy: set[int] = field(default_factory=set)
    size: int = 0
    end: int = 0  # where its last line ends, blank lines not counted
    blank_after: bool = False

    def add(self, line: str, lazy: bool = False) -> None:
        if lazy:
            self.lazy.add(self.size)
        self.lines.append(line)
        self.size += len(line)


def parse_list(block: BlockParser, m: Match[str], state: BlockState) -> int | None:
    """Parse a list from its first line; None where it may not interrupt."""
    found = _MARKER.match(state.get_line(state.cursor))
    if not found:
        return None
    marker = found.group("marker")
    ordered = len(marker) > 1
    last = state.last_token()
    if last and last["type"] == "paragraph" and not _interrupts(state, found, ordered):
        return state.append_paragraph()
    token: Token = {
        "type": "list",
        "children": [],
        "tight": True,
        "bullet": marker[-1],
        "attrs": {"depth": state.depth(), "ordered": ordered},
    }
    if ordered and int(marker[:-1]) != 1:
        token["attrs"]["start"] = int(marker[:-1])
    rules = rules_within(block, state, block.list_rules)
    position, end, loose, blank_before = state.cursor, 0, False, False
    while item := _next(state, position, marker[-1]):
        held, position = _collect(state, position, item)
        loose = loose or blank_before
        blank_before, end = held.blank_after, held.end
        child = state.child_state("".join(held.lines), held.lazy)
        block.parse(child, rules)
        loose = loose or _is_loose(child.tokens)
        token["children"].append({"type": "list_item", "children": child.tokens})
    token["tight"] = not loose
    if not loose:
        _tighten(token)
    state.append_token(token)
    return end


def _interrupts(state: BlockState, found: Match[str], ordered: bool) -> bool:
    rest = state.get_line(state.cursor)[found.end() :]
    number = found.group("marker")[:-1]
    return bool(rest.strip()) and (not ordered or int(number) == 1)


def _begins(line: str) -> bool:
    """Tell whether a line without its container's marker begins a block."""
    return bool(not line.strip() or INTERRUPTS.match(line) or _MARKER.match(line))


def _next(state: BlockState, position: int, bullet: str) -> Match[str] | None:
    """Return the marker of an item of the same list, if one stands there."""
    if position >= state.cursor_max:
        return None
    line = state.get_line(position)
    found = _MARKER.match(line)
    if not found or found.group("marker")[-1] != bullet or _RULE.match(line):
        return None
    return found


def _collect(state: BlockState, position: int, found: Match[str]) -> tuple[_Item, int]:
    """Return what belongs to an item, and where the next line is."""
    line = state.get_line(position)
    item, margin = _first_line(line, found)
    leaf = Leaf(item.lines)
    position += len(line)
    item.end, blanks = position, 0
    while position < state.cursor_max:
        line = state.get_line(position)
        if not line.strip():
            blanks += 1
            # An item begins with one blank line at most.
            margin = margin if item.lines else NEVER
        elif _columns(line) >= margin:
            for _ in range(blanks):
                item.add("\n")
            blanks = 0
            item.add(_cut(line, 0, margin))
        elif blanks or _begins(line) or not leaf.open():
            break
        else:
            item.add(line, lazy=True)
        position += len(line)
        item.end = item.end if blanks else position
    item.blank_after = blanks > 0
    return item, position


def _first_line(line: str, found: Match[str]) -> tuple[_Item, int]:
    """Return an item with its first line, and the column at which its text begins."""
    item, width = _Item(), found.end()
    rest = line[width:]
    if not rest.strip():
        return item, width + 1
    spaces = _columns(rest, width)
    gap = spaces if spaces < 5 else 1
    item.add(_cut(rest, 0, gap, width))
    return item, width + gap


def _columns(line: str, column: int = 0) -> int:
    """Return the width of the white space that begins a line, tabs at 4 columns."""
    start = column
    for char in line:
        if char == " ":
            column += 1
        elif char == "\t":
            column += 4 - column % 4
        else:
            break
    return column - start


def _cut(line: str, start: int, columns: int, column: int | None = None) -> str:
    """Return a line from ``start`` without its next columns of white space."""
    place, width = start, column if column is not None else start
    end = width + columns
    while width < end and place < len(line) and line[place] in " \t":
        width += 1 if line[place] == " " else 4 - width % 4
        place += 1
    rest = line[place:]
    if "\t" in rest[:8] and rest[:1] in " \t":
        rest = _untab(rest, width)
    return " " * (width - end) + rest


def _untab(line: str, column: int) -> str:
    """Return a line whose leading tabs are spaces, as seen from its column."""
    text = line.lstrip(" \t")
    return " " * _columns(line, column) + text


def _is_loose(tokens: list[Token]) -> bool:
    return any(token["type"] == "blank_line" for token in tokens)


def _tighten(token: Token) -> None:
    for item in token["children"]:
        for child in item["children"]:
            if child["type"] == "paragraph":
                child["type"] = "block_text"
