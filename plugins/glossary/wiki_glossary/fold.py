"""Spelling made comparable: case, apostrophes, dashes and hidden characters.

Accents are kept: ``résumé`` is not ``resume``. Words are cut so that a neighboring
letter, mark, digit or ``_`` is part of the word; scripts written without spaces are
cut out as runs of their own.
"""

from __future__ import annotations

import re
import unicodedata

APOSTROPHES = "'’ʼ‘＇"
DASHES = frozenset("-‐‑‒–−")
HYPHENS = frozenset("-‐‑")
_HIDDEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_HIDE = {ord(char): None for char in _HIDDEN}
_PLAIN = {ord(char): "'" for char in APOSTROPHES}
_LETTERS = {**_HIDE, **_PLAIN}

# Han, kana, bopomofo, Thai, Lao, Khmer and Burmese. Hangul is spaced.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3100-\u312f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)


def _marks() -> str:
    """Return the combining marks, which are no letters to ``re``, for a class."""
    return "".join(
        chr(code)
        for code in range(0x300, 0x1E00)
        if unicodedata.category(chr(code))[0] == "M"
    )


_MARKS = _marks()
_CHAR = rf"[\w{_HIDDEN}{_MARKS}]"
_SPACED = rf"(?:(?![{UNSPACED}]){_CHAR})"
_APOSTROPHE = f"[{APOSTROPHES}]"

has_unspaced = re.compile(f"[{UNSPACED}]").search
# The first is for text without unspaced scripts and much the faster one.
WORDS = re.compile(f"{_CHAR}+(?:{_APOSTROPHE}{_CHAR}+)*")
MIXED = re.compile(f"{_SPACED}+(?:{_APOSTROPHE}{_SPACED}+)*|[{UNSPACED}]+")


def fold(text: str) -> str:
    """Return a word or phrase without differences that do not matter; case goes."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    return unicodedata.normalize("NFC", text)


def exact(text: str) -> str:
    """Return a phrase as :func:`fold` does, but with its case and single spaces."""
    text = unicodedata.normalize("NFC", text).translate(_LETTERS)
    return " ".join("".join(" " if c in DASHES else c for c in text).split())


def key(text: str) -> str:
    """Return what two spellings of one label have in common."""
    return " ".join("".join(" " if c in DASHES else c for c in fold(text)).split())


def is_joint(gap: str) -> bool:
    """Tell whether what stands between two words joins them: white space or a dash."""
    return gap.isspace() or gap in DASHES


def parts(label: str) -> tuple[str, ...]:
    """Return the folded words of a label; other signs between them are parts too."""
    pattern = MIXED if has_unspaced(label) else WORDS
    found: list[str] = []
    end = 0
    for word in pattern.finditer(label):
        gap = label[end : word.start()]
        if found and gap and not is_joint(gap):
            found.append(gap.strip())
        found.append(fold(word.group()))
        end = word.end()
    return tuple(found)
