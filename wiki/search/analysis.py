"""Text to words: one pass, the same for pages and queries, for all languages.

Spec: search, section 2. ``words`` is the fast form for indexing, ``tokens`` the form
with places in the source for snippets; both give the same words.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

VERSION = "1"

MAX_TOKENS = 100_000
MAX_LENGTH = 64

_ASCII_WORD = re.compile(r"[a-z0-9]+")

# Scripts written without spaces. Kana, Han and Hangul first, then Thai, Lao, Burmese
# and Khmer, whose vowel signs belong to the letter before them.
_CJK = (
    "\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u3130-\u318f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_SOUTHEAST = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
_UNSPACED = _CJK + _SOUTHEAST
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_RUNS = re.compile(f"[{_CJK}]+|[{_SOUTHEAST}]+|[^{_UNSPACED}]+")
_ARABIC = re.compile("[\u0621-\u064a]")

_SPECIAL = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ı": "i",
    "ħ": "h",
    "ٱ": "ا",
    "ة": "ه",
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
    "ـ": "",
}

# Marks that go: those of Latin, Greek, Cyrillic, Hebrew and Arabic. Marks elsewhere
# (Japanese voicing, Indic and Thai vowel signs) are part of the spelling.
_DROPPED_MARKS = (
    (0x0300, 0x036F),
    (0x0483, 0x0489),
    (0x0591, 0x05C7),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x0898, 0x089F),
    (0x08CA, 0x08FF),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20F0),
    (0x2DE0, 0x2DFF),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
    (0xE0100, 0xE01EF),
)


def _letter(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    kind = unicodedata.category(char)
    if kind[0] == "M":
        code = ord(char)
        return "" if any(a <= code <= b for a, b in _DROPPED_MARKS) else char
    if kind[0] in "LN":
        return char
    return "" if kind == "Cf" else " "


class _Letters(dict[int, str]):
    """What each code point becomes: itself, another spelling, nothing or a space."""

    def __missing__(self, code: int) -> str:
        value = self[code] = _letter(chr(code))
        return value


_LETTERS = _Letters()


def _fold(text: str) -> str:
    """Return the text with only letters, digits, their marks, and spaces between."""
    if text.isascii():
        return text.lower().translate(_LETTERS)
    # Twice: casefold can undo the first (recommended by Unicode as NFKC_Casefold).
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    return unicodedata.normalize("NFC", text.translate(_LETTERS))


def fold(text: str) -> str:
    """Return a value for comparing: folded like words, single spaces, not cut up."""
    return " ".join(_fold(text).split())


def _without_article(word: str) -> str:
    for article in ("وال", "ال", "لل"):
        if word.startswith(article) and len(word) - len(article) >= 2:
            return word[len(article) :]
    return word


def clusters(run: str) -> list[str]:
    """Return letters with the marks that follow them."""
    out: list[str] = []
    for char in run:
        if out and unicodedata.category(char)[0] == "M":
            out[-1] += char
        else:
            out.append(char)
    return out


def _bigrams(run: str) -> list[str]:
    parts = clusters(run)
    if len(parts) == 1:
        return [run[:MAX_LENGTH]]
    return [(a + b)[:MAX_LENGTH] for a, b in itertools.pairwise(parts)]


def _word(run: str) -> str:
    if _ARABIC.match(run):
        run = _without_article(run)
    return run[:MAX_LENGTH]


def unspaced(word: str) -> bool:
    """Tell whether a word is of a script written without spaces."""
    return _HAS_UNSPACED.match(word) is not None


def has_unspaced(text: str) -> bool:
    """Tell whether a text holds letters of such a script."""
    return _HAS_UNSPACED.search(text) is not None


def runs(text: str) -> list[list[str]]:
    """Return the words of each run: one, or the bigrams of an unspaced run."""
    found = []
    for piece in _fold(text).split():
        for run in _RUNS.findall(piece):
            found.append(_bigrams(run) if unspaced(run) else [_word(run)])
    return found


def words(text: str, limit: int = MAX_TOKENS) -> list[str]:
    """Return the words of a text in order, at most ``limit``."""
    if text.isascii():
        found = _ASCII_WORD.findall(text.lower())[:limit]
        if max(map(len, found), default=0) > MAX_LENGTH:
            return [word[:MAX_LENGTH] for word in found]
        return found
    folded = _fold(text)
    if _HAS_UNSPACED.search(folded):
        return _split(folded, limit)
    if _ARABIC.search(folded):
        return [_word(word) for word in folded.split()[:limit]]
    found = folded.split()[:limit]
    if max(map(len, found), default=0) > MAX_LENGTH:
        return [word[:MAX_LENGTH] for word in found]
    return found


def _split(folded: str, limit: int) -> list[str]:
    out: list[str] = []
    for piece in folded.split():
        for run in _RUNS.findall(piece):
            if unspaced(run):
                out += _bigrams(run)
            else:
                out.append(_word(run))
        if len(out) >= limit:
            return out[:limit]
    return out


class Token(NamedTuple):
    """A word and where it stands in the source text."""

    text: str
    start: int
    end: int


# Where no normalization reaches across: white space and ASCII signs.
_PIECE = re.compile(r"[^\s\x00-/:-@\[-`{-\x7f]+")
# Continues the letter before it: conjoining jamo and half-width voicing marks.
_JOINS = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f]")


def tokens(text: str, limit: int = MAX_TOKENS) -> list[Token]:
    """Return the words of a text with their places in it."""
    found: list[Token] = []
    for match in _PIECE.finditer(text):
        start = match.start()
        piece = match.group()
        places = _places(piece) if len(piece) <= 64 else _uncached_places(piece)
        found += [Token(w, start + a, start + b) for w, a, b in places]
        if len(found) >= limit:
            return found[:limit]
    return found


def _uncached_places(piece: str) -> tuple[tuple[str, int, int], ...]:
    if piece.isascii():
        return ((piece.lower()[:MAX_LENGTH], 0, len(piece)),)
    folded, origin = _fold_with_places(piece)
    out: list[tuple[str, int, int]] = []
    for found in re.finditer(r"\S+", folded):
        for run in _RUNS.finditer(found.group()):
            out += _run_places(run.group(), origin, found.start() + run.start())
    return tuple(out)


_places = lru_cache(maxsize=20_000)(_uncached_places)


def _fold_with_places(piece: str) -> tuple[str, list[tuple[int, int]]]:
    """Fold letter by letter; for each folded character the source it came from."""
    folded: list[str] = []
    origin: list[tuple[int, int]] = []
    for start, end in _letters(piece):
        text = _fold(piece[start:end])
        folded.append(text)
        origin += [(start, end)] * len(text)
    return "".join(folded), origin


def _letters(piece: str) -> list[tuple[int, int]]:
    starts: list[int] = []
    for i, char in enumerate(piece):
        goes_on = unicodedata.category(char)[0] == "M" or _JOINS.match(char)
        if not starts or not goes_on:
            starts.append(i)
    return list(zip(starts, [*starts[1:], len(piece)], strict=True))


def _run_places(
    run: str, origin: list[tuple[int, int]], at: int
) -> list[tuple[str, int, int]]:
    if not unspaced(run):
        return [(_word(run), origin[at][0], origin[at + len(run) - 1][1])]
    edges = [at]
    for cluster in clusters(run):
        edges.append(edges[-1] + len(cluster))
    spans = [(origin[a][0], origin[b - 1][1]) for a, b in itertools.pairwise(edges)]
    grams = _bigrams(run)
    if len(spans) == 1:
        return [(grams[0], *spans[0])]
    return [(gram, spans[i][0], spans[i + 1][1]) for i, gram in enumerate(grams)]
