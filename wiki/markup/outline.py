"""Headings: the levels they are shown at, the ids they carry, the outline.

The page's template shows the title as its only ``h1``. So a level-1 heading that
begins the body and says the same is left out; if the body has another level-1
heading, all its headings are shown one level lower (6 stays 6).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ..model.parts import OutlineItem, Token
from . import text

PREFIX = "h-"
LONGEST = 100

_GAPS = re.compile(r"[\s-]+")


@lru_cache(maxsize=4096)
def slug(words: str) -> str:
    """Return words as GitHub puts them in an address; letters of all scripts stay."""
    kept = (
        c if c in "-_" or unicodedata.category(c)[0] in "LNM" else " " * c.isspace()
        for c in unicodedata.normalize("NFC", words).lower()
    )
    return _GAPS.sub("-", "".join(kept).strip())[:LONGEST].strip("-")


def anchor(fragment: str) -> str:
    """Return the id that a link's fragment means, as written by hand or copied."""
    if not fragment or fragment.startswith((PREFIX, "fn-", "fnref-")):
        return fragment
    return PREFIX + slug(fragment)


def headings(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the heading tokens of a tree in their order."""
    for token in tokens:
        if token["type"] == "heading":
            yield token
        elif "children" in token and token["type"] not in text.TEXT_BLOCKS:
            yield from headings(token["children"])


def without_title(tokens: list[Token], title: str) -> list[Token]:
    """Return tokens without a first heading that repeats the page's title."""
    first = text.first_heading(tokens)
    same = bool(first) and first.casefold() == " ".join(title.split()).casefold()
    return tokens[1:] if same else tokens


class Outline:
    """Gives every heading of a tree its level and its id, and lists them."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        found = list(headings(tokens))
        lower = any(token["attrs"]["level"] == 1 for token in found)
        self.places: dict[int, OutlineItem] = {}
        self._used: dict[str, int] = {}
        for token in found:
            words = " ".join(text.inline(token["children"]).split())
            level = min(int(token["attrs"]["level"]) + lower, 6)
            self.places[id(token)] = OutlineItem(level, self._id(words), words)

    @property
    def items(self) -> tuple[OutlineItem, ...]:
        return tuple(item for item in self.places.values() if item.text)

    def claim(self, name: str) -> str:
        """Return the id of an anchor by hand, or nothing where it is taken."""
        name = slug(name)
        if not name or name in self._used:
            return ""
        self._used[name] = 0
        return PREFIX + name

    def _id(self, words: str) -> str:
        """Return an id that is not taken: the second ``x`` is ``x-1``, as on GitHub."""
        base = name = slug(words) or "section"
        while name in self._used:
            self._used[base] += 1
            name = f"{base}-{self._used[base]}"
        self._used[name] = 0
        return PREFIX + name
