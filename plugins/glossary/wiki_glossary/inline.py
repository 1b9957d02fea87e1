"""The text of a paragraph as one string, and links put back into its tokens.

Emphasis is looked through; code, links, pictures and raw HTML are barriers that no
match crosses. Nothing is changed in place: parsed pages are shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wiki import Token

from .matcher import BARRIER

EMPHASIS = frozenset({"emphasis", "strong", "strikethrough", "mark", "insert"})
BREAKS = frozenset({"softbreak", "linebreak"})
INLINE = EMPHASIS | BREAKS
INLINE |= {"text", "codespan", "link", "image", "inline_html", "tag", "wbr"}
INLINE |= {"footnote_ref", "inline_math"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A token without children of interest, what surrounds it, and where it stands."""

    token: Token
    around: tuple[Token, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of text that becomes a link with these attributes."""

    start: int
    end: int
    attrs: dict[str, Any]


def flatten(children: Sequence[Token]) -> tuple[str, list[Leaf]]:
    """Return the text of inline tokens and the leaves that it came from."""
    leaves: list[Leaf] = []
    texts: list[str] = []
    at = 0
    for token, around in _leaves(children, ()):
        text = _text(token)
        leaves.append(Leaf(token, around, at, at + len(text)))
        texts.append(text)
        at += len(text)
    return "".join(texts), leaves


def _leaves(
    children: Sequence[Token], around: tuple[Token, ...]
) -> Iterator[tuple[Token, tuple[Token, ...]]]:
    for token in children:
        if token["type"] in EMPHASIS and token.get("children"):
            yield from _leaves(token["children"], (*around, token))
        else:
            yield token, around


def _text(token: Token) -> str:
    kind = token["type"]
    if kind == "text":
        raw: str = token.get("raw", "")
        return raw.replace(BARRIER, " ")
    if kind in BREAKS or (
        kind == "inline_html" and token.get("raw", "").lower().startswith("<br")
    ):
        return "\n"
    return BARRIER


def put_links(leaves: Sequence[Leaf], marks: Sequence[Mark]) -> list[Token]:
    """Return the inline tokens anew, with each mark (in order) made a link."""
    root: Token = {"type": "root", "children": []}
    # The chain of open tokens: (the original it copies, the copy that is filled).
    chain: list[tuple[Any, Token]] = []
    for leaf, path in _pieces(leaves, marks):
        depth = 0
        while depth < min(len(chain), len(path)) and chain[depth][0] is path[depth]:
            depth += 1
        del chain[depth:]
        for original in path[depth:]:
            copy = {**original, "children": []}
            (chain[-1][1] if chain else root)["children"].append(copy)
            chain.append((original, copy))
        (chain[-1][1] if chain else root)["children"].append(leaf)
    found: list[Token] = root["children"]
    return found


def _pieces(
    leaves: Sequence[Leaf], marks: Sequence[Mark]
) -> Iterator[tuple[Token, tuple[Token, ...]]]:
    """Yield each piece of text with the tokens that shall surround it."""
    links = _links(leaves, marks)
    coming = iter(links)
    mark, link, depth = next(coming, (None, {}, 0))
    for leaf in leaves:
        at = leaf.start
        while mark is not None and mark.start < leaf.end:
            if at < mark.start:
                yield _cut(leaf, at, mark.start), leaf.around
                at = mark.start
            end = min(mark.end, leaf.end)
            around = (*leaf.around[:depth], link, *leaf.around[depth:])
            yield _cut(leaf, at, end), around
            at = end
            if mark.end > leaf.end:
                break
            mark, link, depth = next(coming, (None, {}, 0))
        if at < leaf.end or leaf.start == leaf.end:
            yield _cut(leaf, at, leaf.end), leaf.around


def _links(
    leaves: Sequence[Leaf], marks: Sequence[Mark]
) -> list[tuple[Mark, Token, int]]:
    """Return for each mark its link token and how deep in emphasis that stands."""
    found: list[tuple[Mark, Token, int]] = []
    first = 0
    for mark in marks:
        while leaves[first].end <= mark.start:
            first += 1
        last = first
        while leaves[last].end < mark.end:
            last += 1
        paths = [leaf.around for leaf in leaves[first : last + 1]]
        depth = 0
        for steps in zip(*paths, strict=False):
            if any(step is not steps[0] for step in steps):
                break
            depth += 1
        found.append((mark, {"type": "link", "attrs": mark.attrs}, depth))
    return found


def _cut(leaf: Leaf, start: int, end: int) -> Token:
    if start == leaf.start and end == leaf.end:
        return leaf.token
    raw = leaf.token["raw"][start - leaf.start : end - leaf.start]
    return {**leaf.token, "raw": raw}
