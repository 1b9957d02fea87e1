"""The A to Z of terms: entries in the order of a language, under their letters."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from wiki import Record

from .fold import key
from .terms import Term, language

# Letters of their own: what they sort as, after the letter they would fall under.
_OWN_LETTERS = {
    "es": {"ñ": "n\uffff"},
    "sv": {"å": "z\uffff1", "ä": "z\uffff2", "ö": "z\uffff3"},
}
OTHER = "#"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the index; ``see`` is the term that an alias stands for."""

    label: str
    term: Term
    see: str = ""


def collation_key(text: str, lang: str) -> str:
    """Return what a label sorts by: its letters without case and accents."""
    own = _OWN_LETTERS.get(lang, {})
    folded = unicodedata.normalize("NFC", text).casefold()
    return "".join(own.get(char) or _base(char) for char in folded)


def _base(char: str) -> str:
    if char.isascii():
        return char
    parts = unicodedata.normalize("NFD", char)
    return "".join(part for part in parts if not unicodedata.combining(part)) or char


def letter(label: str, lang: str) -> str:
    """Return the letter a label stands under; digits and signs share one."""
    first = next((char for char in label.casefold() if char.isalnum()), "")
    if not first.isalpha():
        return OTHER
    own = _OWN_LETTERS.get(lang, {})
    return (first if first in own else _base(first)[:1]).upper()


def entries(terms: Iterable[Term], lang: str) -> list[Entry]:
    """Return terms and their aliases, in the order of a language."""
    found = [Entry(term.term, term) for term in terms]
    found += [
        Entry(alias, entry.term, see=entry.term.term)
        for entry in tuple(found)
        for alias in entry.term.aliases
    ]
    return sorted(found, key=lambda e: (collation_key(e.label, lang), bool(e.see)))


def matching(found: Sequence[Entry], text: str) -> Sequence[Entry]:
    """Return the entries whose label or definition holds a text."""
    wanted = key(text)
    if not wanted:
        return found
    return [e for e in found if wanted in key(e.label) or wanted in key(e.term.short)]


def by_letter(found: Iterable[Entry], lang: str) -> list[tuple[str, list[Entry]]]:
    """Return (letter, entries), signs and digits first, in order."""
    ordered = sorted(found, key=lambda e: letter(e.label, lang) != OTHER)
    groups = groupby(ordered, key=lambda e: letter(e.label, lang))
    return [(name, list(group)) for name, group in groups]


def languages(records: Iterable[Record], site_lang: str) -> list[tuple[str, int]]:
    """Return (language, number of terms with words in it), most first."""
    count: Counter[str] = Counter()
    for record in records:
        other = record.fields.get("languages")
        tags = {language(record.lang or site_lang)}
        tags |= {language(tag) for tag in other} if isinstance(other, dict) else set()
        count.update(tags)
    return count.most_common()
