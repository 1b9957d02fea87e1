"""The harmless HTML tags that Markdown writers use: read one at a time, then paired.

A tag counts only as an exact token with known attributes, and only with its partner
in the same stretch of text; anything else is shown as the characters it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mistune.util import unescape

from ..model.parts import Token
from .caps import INLINE_NESTING

VOID = frozenset({"br", "wbr"})
PAIRED = frozenset(
    (
        *("sub", "sup", "kbd", "mark", "ins", "del", "small"),
        *("abbr", "dfn", "bdi", "bdo", "ruby", "rt", "rp"),
    )
)
_ATTRIBUTES = r"(?P<{0}>(?:\s{{1,8}}(?:open|title|lang|dir)" + (
    r"(?:=\"[^\"<>\n]{{0,300}}\"|='[^'<>\n]{{0,300}}')?){{0,4}})"
)
_NAMES = "|".join(sorted(VOID | PAIRED, key=len, reverse=True))
INLINE_TAG = (
    r"<(?P<tag_close>/?)(?P<tag_name>(?i:"
    + _NAMES
    + r"))"
    + _ATTRIBUTES.format("tag_attrs")
    + r"\s{0,8}/?>"
)
BLOCK_TAG = (
    r"<(?P<block_tag_close>/?)(?P<block_tag_name>(?i:details|summary|hr))"
    + _ATTRIBUTES.format("block_tag_attrs")
    + r"\s{0,8}/?>"
)
# An empty anchor, as many writers put before a heading; nothing else of "a".
ANCHOR = (
    r"<(?i:a\s{1,8}(?:name|id))=\"(?P<anchor_name>[\w.:-]{1,100})\"\s{0,8}></(?i:a)>"
)
_ONE = re.compile(INLINE_TAG)
_ATTRIBUTE = re.compile(r"(\w+)(?:=\"([^\"]*)\"|='([^']*)')?")
_LANG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}\Z")


def read_tag(source: str) -> Token | None:
    """Return the token of an exact tag of the inline list, or None."""
    found = _ONE.fullmatch(source)
    if not found:
        return None
    name = found.group("tag_name").lower()
    closes = bool(found.group("tag_close"))
    attributes = read_attributes(found.group("tag_attrs"))
    if closes and (attributes or name in VOID):
        return None
    if name in VOID:
        return {"type": "linebreak"} if name == "br" else {"type": "wbr"}
    attrs = {"tag": name, "closes": closes, "html": attributes}
    return {"type": "tag", "raw": source, "attrs": attrs}


def read_attributes(source: str) -> dict[str, str]:
    """Return the attributes that hold: known names with values that make sense."""
    result = {}
    for name, double, single in _ATTRIBUTE.findall(source):
        value = unescape(double or single)
        if name == "dir" and value not in ("ltr", "rtl", "auto"):
            continue
        if name == "lang" and not _LANG.match(value):
            continue
        result[name] = value
    return result


def pair(tokens: Sequence[Token], depth: int = 0) -> list[Token]:
    """Nest the tags of a list of inline tokens; those without a partner become text."""
    levels: list[list[Token]] = [[]]
    opened: list[Token] = []
    for token in tokens:
        if "children" in token:
            token["children"] = pair(token["children"], depth + len(opened) + 1)
        if token["type"] != "tag" or "children" in token:
            levels[-1].append(token)
        elif token["attrs"]["closes"]:
            _close(token, levels, opened)
        elif depth + len(opened) >= INLINE_NESTING:
            levels[-1].append(_text(token))
        else:
            opened.append(token)
            levels.append([])
    while opened:
        _spill(levels, opened)
    return levels[0]


def _close(token: Token, levels: list[list[Token]], opened: list[Token]) -> None:
    name = token["attrs"]["tag"]
    if not any(start["attrs"]["tag"] == name for start in opened):
        levels[-1].append(_text(token))
        return
    while opened[-1]["attrs"]["tag"] != name:
        _spill(levels, opened)
    inner, start = levels.pop(), opened.pop()
    attrs = {"tag": name, "html": start["attrs"]["html"]}
    levels[-1].append({"type": "tag", "children": inner, "attrs": attrs})


def _spill(levels: list[list[Token]], opened: list[Token]) -> None:
    """Give up an opened tag: it is text, and what followed it stands beside it."""
    inner, start = levels.pop(), opened.pop()
    levels[-1].append(_text(start))
    levels[-1].extend(inner)


def _text(token: Token) -> Token:
    return {"type": "text", "raw": token["raw"]}
