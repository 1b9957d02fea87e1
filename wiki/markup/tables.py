r"""Tables as GitHub reads them.

A row may leave its outer pipes out, hold fewer cells than the head (the rest is
empty) or more (they are dropped); ``\|`` is a pipe within a cell, in code too.
"""

from __future__ import annotations

import re
from re import Match
from typing import TYPE_CHECKING

from mistune.block_parser import BlockParser
from mistune.core import BlockState

from ..model.parts import Token
from .caps import EMPTY_CELLS

if TYPE_CHECKING:
    from mistune.markdown import Markdown

_DELIMITERS = r"\|?[ \t]*:?-++:?[ \t]*(?:\|[ \t]*:?-++:?[ \t]*)*+\|?[ \t]*(?:\n|$)"
PATTERN = r"^ {0,3}[^\s>][^\n]*\n {0,3}(?=[|:-])" + _DELIMITERS
_PIPE = re.compile(r"(?<!\\)\|")
_BREAKS = ["thematic_break", "fenced_code", "atx_heading", "block_quote", "list"]


def tables(md: Markdown) -> None:
    """Add tables to a parser."""
    md.block.register("table", PATTERN, _parse)


def _parse(block: BlockParser, m: Match[str], state: BlockState) -> int | None:
    head, delimiters = m.group(0).rstrip("\n").rsplit("\n", 1)
    if state.cursor + len(head) + 1 in state.lazy_line_starts:
        return None
    names, marks = split_row(head), split_row(delimiters)
    if len(names) != len(marks) or ("|" not in head and "|" not in delimiters):
        return None
    aligns = [_align(mark) for mark in marks]
    rows = []
    position = m.end()
    ends = block.compile_sc([*_BREAKS, "block_html"])
    while position < state.cursor_max:
        line = state.get_line(position)
        if _ends(line) or ends.match(state.src, position):
            break
        if position in state.lazy_line_starts:
            break
        rows.append(_row(split_row(line), aligns, state))
        position += len(line)
    cells = _cells(names, aligns, True)
    children: list[Token] = [{"type": "table_head", "children": cells}]
    if rows:
        children.append({"type": "table_body", "children": rows})
    state.append_token({"type": "table", "children": children})
    return position


def _ends(line: str) -> bool:
    return line.strip() in ("", "|") or line.expandtabs(4).startswith("    ")


def split_row(line: str) -> list[str]:
    """Return the cells of a row."""
    line = line.strip()
    if line.startswith("|"):
        line = line[1:]
    cells = _PIPE.split(line)
    if len(cells) > 1 and not cells[-1]:
        cells.pop()
    return [cell.strip().replace("\\|", "|") for cell in cells]


def _align(mark: str) -> str:
    left, right = mark.startswith(":"), mark.endswith(":")
    if left and right:
        return "center"
    return "left" if left else "right" if right else ""


def _row(cells: list[str], aligns: list[str], state: BlockState) -> Token:
    lacking = len(aligns) - len(cells)
    if lacking > 0:
        # Few characters must not make many cells: past the budget, none are added.
        spent = state.env["empty_cells"] = state.env.get("empty_cells", 0) + lacking
        if spent <= EMPTY_CELLS:
            cells += [""] * lacking
    return {"type": "table_row", "children": _cells(cells, aligns, False)}


def _cells(texts: list[str], aligns: list[str], head: bool) -> list[Token]:
    return [
        {"type": "table_cell", "text": text, "attrs": {"align": align, "head": head}}
        for text, align in zip(texts, aligns, strict=False)
    ]
