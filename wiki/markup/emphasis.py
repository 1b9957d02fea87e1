"""Emphasis, strong and struck text, resolved after the rest of a line is known.

The algorithm of CommonMark ("process emphasis") on a linked list, so that its cost
grows with the text only. Two differences: ``~`` takes part as in GFM, and a run
beside Chinese, Japanese or Korean text opens and closes there without spaces, as
those scripts have none (the "CJK-friendly" amendment).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ..model.parts import Token

SPACE, PUNCTUATION, CJK, OTHER = range(4)

_TYPES = {
    ("~", 1): "strikethrough",
    ("~", 2): "strikethrough",
    ("*", 1): "emphasis",
    ("*", 2): "strong",
    ("_", 1): "emphasis",
    ("_", 2): "strong",
}
_CJK = (
    (0x1100, 0x11FF),
    (0x2E80, 0xA4CF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFFEF),
    (0x20000, 0x3FFFF),
)


@lru_cache(maxsize=4096)
def _class_of(char: str) -> tuple[int, bool]:
    """Return the class of a character, and whether it is punctuation of any script."""
    mark = unicodedata.category(char)[0] in "PS"
    code = ord(char)
    if char.isspace():
        return SPACE, False
    if any(low <= code <= high for low, high in _CJK):
        return CJK, mark
    return (PUNCTUATION if mark else OTHER), mark


def run(src: str, start: int, end: int) -> Token:
    """Return the token of a delimiter run, with what it can do where it stands."""
    char = src[start]
    before, before_mark = _class_of(src[start - 1]) if start else (SPACE, False)
    after, after_mark = _class_of(src[end]) if end < len(src) else (SPACE, False)
    left = after != SPACE and (after != PUNCTUATION or before != OTHER)
    right = before != SPACE and (before != PUNCTUATION or after != OTHER)
    if char == "_":
        left, right = (
            left and (not right or before_mark),
            right and (not left or after_mark),
        )
    token: Token = {"type": "text", "raw": src[start:end]}
    if (left or right) and (char != "~" or end - start < 3):
        token["_run"] = (left, right)
    return token


class _Node:
    """A token in a list that can be cut and joined; a delimiter run if it has one."""

    __slots__ = (
        "after",
        "before",
        "closes",
        "depth",
        "length",
        "newer",
        "older",
        "opens",
        "order",
        "size",
        "token",
    )

    def __init__(self, token: Token, before: _Node | None) -> None:
        self.token, self.before, self.after = token, before, None
        self.depth = 0
        self.older: _Node | None = None
        self.newer: _Node | None = None
        if before:
            before.after = self

    after: _Node | None

    def start_run(self, can: tuple[bool, bool], older: _Node | None) -> None:
        self.opens, self.closes = can
        self.length = self.size = len(self.token["raw"])
        self.order: int = older.order + 1 if older else 0
        self.older = older
        if older:
            older.newer = self

    def drop_run(self) -> None:
        if self.older:
            self.older.newer = self.newer
        if self.newer:
            self.newer.older = self.older

    def unlink(self) -> None:
        if self.before:
            self.before.after = self.after
        if self.after:
            self.after.before = self.before


def resolve(tokens: list[Token], depth: int) -> list[Token]:
    """Return tokens with emphasis resolved, at most ``depth`` levels of it."""
    if not any("_run" in token for token in tokens):
        return merge(tokens)
    head = last = _Node({"type": "text", "raw": ""}, None)
    first: _Node | None = None
    newest: _Node | None = None
    for token in tokens:
        last = _Node(token, last)
        can = token.pop("_run", None)
        if can:
            last.start_run(can, newest)
            newest = last
            first = first or last
        elif "children" in token:
            last.depth = _depth(token)
    if first:
        _match(first, depth)
    return merge(_collect(head, None))


def merge(tokens: list[Token]) -> list[Token]:
    """Join neighbouring texts and drop the marks that only the parser needs."""
    result: list[Token] = []
    text: Token | None = None
    for token in tokens:
        if token["type"] != "text":
            token.pop("_autolink", None)
            text = None
            result.append(token)
        elif text is None:
            if token["raw"]:
                text = {"type": "text", "raw": token["raw"]}
                result.append(text)
        else:
            text["raw"] += token["raw"]
    return result


def _match(first: _Node, depth: int) -> None:
    bottoms: dict[tuple[Any, ...], int] = {}
    closer: _Node | None = first
    while closer:
        if not closer.closes:
            closer = closer.newer
            continue
        char = closer.token["raw"][0]
        key = (char, closer.size % 3 if char != "~" else closer.size, closer.opens)
        opener = _opener(closer, char, bottoms.get(key, 0))
        if opener is None:
            bottoms[key] = closer.order
            newer = closer.newer
            if not closer.opens:
                closer.drop_run()
            closer = newer
        else:
            closer = _wrap(opener, closer, char, depth)


def _opener(closer: _Node, char: str, bottom: int) -> _Node | None:
    node = closer.older
    while node and node.order >= bottom:
        if node.opens and node.token["raw"][0] == char and _fit(node, closer, char):
            return node
        node = node.older
    return None


def _fit(opener: _Node, closer: _Node, char: str) -> bool:
    if char == "~":
        return opener.size == closer.size
    if opener.closes or closer.opens:
        total = opener.size + closer.size
        return total % 3 != 0 or (opener.size % 3 == 0 and closer.size % 3 == 0)
    return True


def _wrap(opener: _Node, closer: _Node, char: str, depth: int) -> _Node | None:
    """Make a node of what stands between two runs; return the next closer to try."""
    level = max(_depths(opener, closer), default=0) + 1
    if level > depth:
        # Whatever older run is tried would hold this too deep part as well.
        closer.older = None
        return closer.newer
    used = 2 if opener.length > 1 and closer.length > 1 else 1
    children = merge(_collect(opener, closer))
    opener.newer, closer.older = closer, opener
    node = _Node({"type": _TYPES[char, used], "children": children}, opener)
    node.depth, node.after, closer.before = level, closer, node
    for side in (opener, closer):
        side.length -= used
        side.token["raw"] = side.token["raw"][used:]
        if not side.length:
            side.drop_run()
            side.unlink()
    return closer if closer.length else closer.newer


def _depths(start: _Node, end: _Node) -> Iterator[int]:
    node = start.after
    while node and node is not end:
        yield node.depth
        node = node.after


def _collect(start: _Node, end: _Node | None) -> list[Token]:
    tokens = []
    node = start.after
    while node and node is not end:
        tokens.append(node.token)
        node = node.after
    return tokens


def _depth(token: Token) -> int:
    """Return how many levels of children a token has."""
    deepest, level = 0, [token]
    while level:
        level = [c for t in level for c in t.get("children", ()) if "children" in c]
        deepest += 1
    return deepest
