r"""Cuts a Markdown text into the parts that people change: paragraphs and the like.

Parts are paragraphs, headings, list items and whole fenced code. Every part keeps
the line ends and blank lines behind it apart, so that a text is exactly
``lead + "".join(part.text + part.gap ...)``. Lines end in ``\n``.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Kind = Literal["paragraph", "item", "heading", "fence"]

_FENCE = re.compile(r" *(?P<mark>`{3,}(?=[^`]*$)|~{3,})")
_ITEM = re.compile(r" *(?:[-*+]|[0-9]{1,9}[.)])(?: |\t|$)")
_HEADING = re.compile(r" {0,3}#{1,6}(?: |\t|$)")
_KEY = re.compile(r"""(?P<key>"[^"]*"|'[^']*'|[^\s#:\-\[\]{}"'][^:]*):(?:\s|$)""")
# More keys than this are one piece.
_MAX_KEYS = 500
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class Block(NamedTuple):
    """A part and the line ends behind it."""

    text: str
    gap: str
    kind: Kind


class Body(NamedTuple):
    """A text without front matter; ``lead`` is the blank start."""

    lead: str
    blocks: tuple[Block, ...]


class Front(NamedTuple):
    """Front matter by top-level key; lines above the first key have the key ``""``.

    Values are whole lines. ``keys`` is None where a key stands twice
    or there are too many.
    """

    head: str
    keys: dict[str, str] | None
    foot: str
    gap: str
    raw: str


def split_front(text: str) -> tuple[Front | None, str]:
    """Return the front matter, None without one, and the rest of a text."""
    lines = _LINE.findall(text) if text.startswith("---") else []
    if not lines or lines[0].rstrip() != "---":
        return None, text
    for end in range(1, len(lines)):
        if lines[end].rstrip() in ("---", "..."):
            break
    else:
        return None, text
    after = end + 1
    while after < len(lines) and not lines[after].strip():
        after += 1
    foot = lines[end].rstrip("\n")
    gap = lines[end][len(foot) :] + "".join(lines[end + 1 : after])
    raw = "".join(lines[:after])
    front = Front(lines[0], _keys(lines[1:end]), foot, gap, raw)
    return front, text[len(raw) :]


def _keys(lines: list[str]) -> dict[str, str] | None:
    keys: dict[str, str] = {}
    key = ""
    for line in lines:
        match = _KEY.match(line)
        if match:
            key = match["key"].strip("\"' \t")
            if key in keys or len(keys) > _MAX_KEYS:
                return None
        keys[key] = keys.get(key, "") + line
    return keys


def split_body(text: str) -> Body:
    """Return the parts of a text; joined again they are the same text."""
    lines = _LINE.findall(text)
    at = 0
    while at < len(lines) and not lines[at].strip():
        at += 1
    lead = "".join(lines[:at])
    blocks = []
    while at < len(lines):
        kind, end = _block(lines, at)
        text = "".join(lines[at:end])
        bare = text.rstrip("\n")
        gap_end = end
        while gap_end < len(lines) and not lines[gap_end].strip():
            gap_end += 1
        gap = text[len(bare) :] + "".join(lines[end:gap_end])
        blocks.append(Block(bare, gap, kind))
        at = gap_end
    return Body(lead, tuple(blocks))


def _block(lines: list[str], at: int) -> tuple[Kind, int]:
    """Return the kind of the part at a line and the line behind it."""
    fence = _FENCE.match(lines[at].rstrip("\n"))
    if fence:
        return "fence", _fence_end(lines, at + 1, fence["mark"])
    if _HEADING.match(lines[at]):
        return "heading", at + 1
    kind: Kind = "item" if _ITEM.match(lines[at]) else "paragraph"
    end = at + 1
    while end < len(lines) and lines[end].strip() and not _starts(lines[end]):
        end += 1
    return kind, end


def _starts(line: str) -> bool:
    bare = line.rstrip("\n")
    return bool(_FENCE.match(bare) or _HEADING.match(bare) or _ITEM.match(bare))


def _fence_end(lines: list[str], at: int, mark: str) -> int:
    for end in range(at, len(lines)):
        bare = lines[end].strip()
        if bare.startswith(mark) and not bare.strip(mark[0]):
            return end + 1
    return len(lines)


def fuses(before: Block, after: Block, gap: str) -> bool:
    """Tell whether two parts would become one part with only this between them."""
    breaks = gap.count("\n")
    if before.kind in ("paragraph", "item") and after.kind == "paragraph":
        return breaks < 2
    return breaks < 1
