"""Finds labels in running text: longest first, leftmost, linear in the text.

One trie of folded words for scripts with spaces and one of characters for scripts
without. A node is a dict from word to node; under ``None`` it holds what ends there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .fold import (
    APOSTROPHES,
    HYPHENS,
    MIXED,
    WORDS,
    exact,
    fold,
    has_unspaced,
    is_joint,
)
from .inflect import ELISIONS
from .terms import Label, Term

Node = dict[str | None, Any]
# (spelling that must stand there or None, index of the term)
End = tuple[str | None, int]

_CHUNK = re.compile(r"\S+")
# Stands for what is no text: code, links, pictures.
BARRIER = "\0"
_JOINING = HYPHENS | frozenset(".:,/@")


@dataclass(frozen=True, slots=True)
class Match:
    """Where a label stands in a text, and which terms it may mean."""

    start: int
    end: int
    terms: tuple[int, ...]


class Matcher:
    """The labels of all terms of one language, compiled."""

    def __init__(self, terms: Sequence[Term], lang: str) -> None:
        self.words: Node = {}
        self.characters: Node = {}
        leaning = "|".join(sorted(ELISIONS.get(lang, ())))
        # What leans on the next word by an apostrophe, as in l'alliance.
        self.elision = (
            re.compile(f"(?:{leaning})[{APOSTROPHES}]", re.IGNORECASE)
            if leaning
            else None
        )
        for index, term in enumerate(terms):
            for label in term.labels:
                self._add(label, index)

    def _add(self, label: Label, index: int) -> None:
        node = self.characters if label.unspaced else self.words
        if not label.parts:
            return
        for step in label.parts:
            node = node.setdefault(step, {})
        ends = node.setdefault(None, [])
        if (label.spelling, index) not in ends:
            ends.append((label.spelling, index))

    def find(
        self, text: str, wanted: Callable[[int], bool] = lambda index: True
    ) -> Iterator[Match]:
        """Yield matches in order; ``wanted`` says whether a term may match at all."""
        return _Scan(self, text, wanted).run()


class _Scan:
    """One walk through one text."""

    def __init__(
        self, matcher: Matcher, text: str, wanted: Callable[[int], bool]
    ) -> None:
        self.matcher, self.text, self.wanted = matcher, text, wanted
        self.mixed = bool(matcher.characters) and bool(has_unspaced(text))
        pattern = MIXED if has_unspaced(text) else WORDS
        self.spans = [m.span() for m in pattern.finditer(text)]
        self.closed = _addresses(text)

    def run(self) -> Iterator[Match]:
        root, elision = self.matcher.words, self.matcher.elision
        text, done = self.text, 0
        for i, (start, end) in enumerate(self.spans):
            if end <= done:
                continue
            word = text[start:end]
            if self.mixed:
                for match in self._characters(max(start, done), end):
                    done = match.end
                    yield match
            node = root.get(word.lower() if word.isascii() else fold(word))
            if node is None and elision and (leaning := elision.match(word)):
                start += leaning.end()
                node = root.get(fold(word[leaning.end() :]))
            if node is None or start < done:
                continue
            found = self._words(node, i, start)
            if found:
                done = found.end
                yield found

    def _words(self, node: Node, i: int, start: int) -> Match | None:
        text, spans = self.text, self.spans
        if not self._free_before(start):
            return None
        reached: list[tuple[int, list[End]]] = []
        while True:
            end = spans[i][1]
            if None in node:
                reached.append((end, node[None]))
            if len(node) == (None in node) or i + 1 == len(spans):
                break
            i += 1
            gap = text[end : spans[i][0]]
            step: Node | None = node
            if not is_joint(gap):
                step = node.get(gap.strip()) if len(gap) < 8 else None
            step = step and step.get(fold(text[slice(*spans[i])]))
            if not step:
                break
            node = step
        return self._longest(start, reached)

    def _characters(self, start: int, end: int) -> Iterator[Match]:
        text = self.text
        at = start
        while at < end:
            node: Node | None = self.matcher.characters.get(fold(text[at]))
            reached: list[tuple[int, list[End]]] = []
            i = at + 1
            while node:
                if None in node:
                    reached.append((i, node[None]))
                node = node.get(fold(text[i])) if i < len(text) else None
                i += 1
            match = self._longest(at, reached)
            # Within a word of letters only its start can begin a label.
            if match is None and not has_unspaced(text[at]):
                return
            at = match.end if match else at + 1
            if match:
                yield match

    def _longest(
        self, start: int, reached: list[tuple[int, list[End]]]
    ) -> Match | None:
        for end, ends in reversed(reached):
            if not self._free_after(end):
                continue
            terms = self._meant(self.text[start:end], ends)
            if terms:
                return Match(start, end, terms)
        return None

    def _meant(self, found: str, ends: list[End]) -> tuple[int, ...]:
        return tuple(
            dict.fromkeys(
                index
                for spelling, index in ends
                if self.wanted(index) and (spelling is None or spelling == exact(found))
            )
        )

    # -- neighbors that make the word a part of something else

    def _free_before(self, start: int) -> bool:
        text = self.text
        at = bisect_right(self.closed, (start, len(text))) - 1
        if at >= 0 and start < self.closed[at][1]:
            return False
        before = text[max(start - 2, 0) : start]
        if not before:
            return True
        if before[-1] in "@#":
            return False
        if len(before) < 2 or before[-1] not in _JOINING:
            return True
        if before[-1] in ":,/":
            return not (text[start].isdigit() and before[0].isdigit())
        return not _part_of_word(before[0], before[1])

    def _free_after(self, end: int) -> bool:
        text = self.text
        after = text[end : end + 2]
        if not after:
            return True
        if has_unspaced(after[0]):
            return True
        if after[0].isalnum() and not has_unspaced(text[end - 1]):
            return False
        if len(after) < 2 or after[0] not in _JOINING:
            return True
        if after[0] in ":,/":
            return not (text[end - 1].isdigit() and after[1].isdigit())
        return not _part_of_word(after[1], after[0])


def _part_of_word(char: str, sign: str) -> bool:
    """Tell whether a character goes on the word that a sign interrupts."""
    return char.isalnum() or char == "_" or (char == BARRIER and sign in HYPHENS)


def _addresses(text: str) -> list[tuple[int, int]]:
    """Return where web and mail addresses and paths stand that are not links yet."""
    if "/" not in text and "@" not in text and "www." not in text:
        return []
    return [c.span() for c in _CHUNK.finditer(text) if _is_address(c.group())]


def _is_address(chunk: str) -> bool:
    if "@" in chunk or "://" in chunk or "www." in chunk:
        return True
    head, slash, _ = chunk.partition("/")
    return bool(slash) and ("." in head[:-1] or head in ("", ".", "..", "~"))
