"""The piece of a page that shows why it was found: plain text, marked words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

from wiki.search import analysis
from wiki.search.base import Fragment

LENGTH = 240
# So many words found are looked at, from the start of the page.
MAX_HITS = 60
# Letters of words beyond ASCII that are folded one by one, at most, for one snippet:
# when a word was not found as it is spelled, and when all were.
_MAX_FOLDED, _ENOUGH_FOLDED = 20_000, 4_000

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_EDGE = re.compile(r"[\s\x00-/:-@\[-`{-\x7f]")

Span = tuple[int, int, str]


def snippet(text: str, words: Collection[str]) -> tuple[Fragment, ...]:
    """Return the densest part of a text with the words marked.

    ``words`` are analyzed, a prefix with its star. Without a hit, or without words,
    the beginning of the text is returned.
    """
    hits = find(text, words) if words else []
    start, end = _window(text, hits)
    return tuple(_fragments(text, start, end, hits))


def find(text: str, words: Collection[str]) -> list[Span]:
    """Return (start, end, word) of the first words found in the source text."""
    lower = text.lower()
    if len(lower) != len(text):
        # Few letters grow when lowered (İ); places must stay the same.
        lower = "".join(low if len(low := c.lower()) == 1 else c for c in text)
    hits = [span for word in words for span in _literal(lower, word)]
    if not text.isascii() and len(hits) < MAX_HITS:
        some_missing = len({word for _, _, word in hits}) < len(set(words))
        hits += _folded(text, words, thorough=some_missing)
    return sorted(set(hits))[:MAX_HITS]


def _literal(lower: str, word: str) -> Iterator[Span]:
    """Yield where a word stands as it is spelled."""
    stem, star = word.rstrip("*"), word.endswith("*")
    anywhere = analysis.unspaced(stem)
    found, at = 0, lower.find(stem)
    while at >= 0 and found < MAX_HITS:
        end = at + len(stem)
        if star and not anywhere:
            while end < len(lower) and _goes_on(lower, end):
                end += 1
        if anywhere or not (_goes_on(lower, at - 1) or _goes_on(lower, end)):
            found += 1
            yield (at, end, word)
        at = lower.find(stem, end)


def _goes_on(text: str, at: int) -> bool:
    """Tell whether the character there is part of a word."""
    if not 0 <= at < len(text):
        return False
    char = text[at]
    return char.isalnum() or (char > "\x7f" and unicodedata.category(char)[0] == "M")


def _folded(text: str, words: Collection[str], *, thorough: bool) -> Iterator[Span]:
    """Yield where a word stands in another spelling: accents, widths, articles."""
    whole = {word for word in words if not word.endswith("*")}
    starts = tuple(word[:-1] for word in words if word.endswith("*"))
    room = _MAX_FOLDED if thorough else _ENOUGH_FOLDED
    at = found = 0
    for match in _BEYOND_ASCII.finditer(text):
        if match.start() < at:
            continue
        start, at = _piece(text, match.start())
        # Without spaces between words, spelling seldom differs and pieces are long.
        if not thorough and analysis.has_unspaced(text[start:at]):
            continue
        room -= at - start
        if found >= MAX_HITS or room < 0:
            return
        for token in analysis.tokens(text[start:at]):
            word = token.text
            if word not in whole:
                prefix = next((p for p in starts if word.startswith(p)), None)
                if prefix is None:
                    continue
                word = prefix + "*"
            found += 1
            yield (start + token.start, start + token.end, word)


def _piece(text: str, at: int) -> tuple[int, int]:
    """Return the run of letters around a place."""
    start = at
    while start > 0 and not _EDGE.match(text[start - 1]):
        start -= 1
    edge = _EDGE.search(text, at + 1)
    return start, edge.start() if edge else len(text)


# -- the window


def _window(text: str, hits: list[Span]) -> tuple[int, int]:
    """Return the part to show: most different words, then most words, then first."""
    if not hits:
        return 0, _back(text, LENGTH) if len(text) > LENGTH else len(text)
    best, first, last = (0, 0), 0, 0
    for i, (start, _, _) in enumerate(hits):
        j = i
        while j + 1 < len(hits) and hits[j + 1][1] - start <= LENGTH:
            j += 1
        density = (len({word for _, _, word in hits[i : j + 1]}), j - i + 1)
        if density > best:
            best, first, last = density, i, j
    start, end = hits[first][0], hits[last][1]
    room = max(LENGTH - (end - start), 0)
    start = max(0, start - room // 2)
    end = min(len(text), start + LENGTH)
    start = max(0, min(start, end - LENGTH))
    return (
        _forward(text, start, hits[first][0]) if start else 0,
        max(_back(text, end), hits[last][1]) if end < len(text) else end,
    )


def _forward(text: str, at: int, limit: int) -> int:
    """Return the next beginning of a word, or of a letter where words are long."""
    for place in range(at, min(at + 40, limit)):
        if text[place - 1].isspace():
            return place
    while at < limit and unicodedata.category(text[at])[0] == "M":
        at += 1
    return at


def _back(text: str, at: int) -> int:
    """Return the last end of a word, or of a letter where words are long."""
    for place in range(at, max(at - 40, 0), -1):
        if text[place].isspace():
            return place
    while at > 0 and unicodedata.category(text[at])[0] == "M":
        at -= 1
    return at


def _fragments(text: str, start: int, end: int, hits: list[Span]) -> Iterator[Fragment]:
    if start > 0:
        yield Fragment("… ")
    at = start
    for a, b in _joined(hits):
        if a < start or b > end:
            continue
        if a > at:
            yield Fragment(_spaced(text[at:a]))
        yield Fragment(_spaced(text[a:b]), mark=True)
        at = b
    if at < end:
        yield Fragment(_spaced(text[at:end]))
    if end < len(text.rstrip()):
        yield Fragment(" …")


def _joined(hits: list[Span]) -> list[tuple[int, int]]:
    """Return the marks; those that overlap (bigrams) become one."""
    out: list[tuple[int, int]] = []
    for start, end, _ in hits:
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text)
