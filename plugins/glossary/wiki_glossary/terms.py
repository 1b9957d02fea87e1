"""Term pages as plain data: labels, definition, senses. Reads what it can use.

A page whose fields do not fit is left out and hurts no other: files may come from
outside the browser, where nothing was checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from wiki import Record

from . import inflect
from .fold import exact, fold, has_unspaced, key, parts

MAX_LABEL, MAX_SHORT = 120, 280
CASES = ("smart", "exact", "ignore")
STATUSES = ("draft", "approved", "deprecated")
# A disambiguating or abbreviating tail: "United Power Supply (UPS)".
_TAIL = re.compile(r"(.+?)\s*\(([^()]{1,30})\)\Z", re.DOTALL)


class Label(NamedTuple):
    """A spelling that leads to a term: its folded parts, in the order they stand.

    ``parts`` are words, or characters where ``unspaced``; ``spelling`` is the only one
    that matches where case matters, else None.
    """

    text: str
    parts: tuple[str, ...]
    unspaced: bool
    spelling: str | None


@dataclass(frozen=True)
class Term:
    """One term page, in the words of one language.

    ``short`` is its definition, ``short_lang`` the language of it; ``use`` names the
    better word for a deprecated one. ``known`` are the labels that can be marked,
    ``words`` the fields of this language, ``fields`` all fields.
    """

    name: str
    term: str
    lang: str
    short: str = ""
    short_lang: str = ""
    aliases: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict, repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    status: str = "approved"
    use: str = ""
    sense: str = ""
    scope: tuple[str, ...] = ()

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Return the labels as they are compared."""
        return tuple(dict.fromkeys(key(text) for text in (self.term, *self.aliases)))

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """Return the labels and the forms of each."""
        return tuple(_labels(self))


def language(tag: Any) -> str:
    """Return the primary part of a language tag, in small letters."""
    return str(tag or "").replace("_", "-").partition("-")[0].lower()


def texts(value: Any) -> list[str]:
    """Return the texts of a list field; a single text counts as a list of one."""
    items = value if isinstance(value, list | tuple) else [value]
    found = [i.get("text") if isinstance(i, Mapping) else i for i in items]
    return [str(i).strip() for i in found if isinstance(i, str | int) and str(i)]


def split_label(label: str) -> tuple[str, ...]:
    """Return the label, and the abbreviation that stands behind it in parentheses."""
    tail = _TAIL.match(label)
    if not tail:
        return (label,)
    name, inside = tail.groups()
    return (name, inside) if _all_capitals(inside) else (name,)


def too_short(label: str) -> bool:
    """Tell whether a label is a single sign, which would mark half the page."""
    return len(key(label)) < 2 or not parts(label)


def case_matters(label: str, case: str) -> bool:
    """Tell whether a label matches its own case only (``smart``: all capitals)."""
    return case == "exact" or (case != "ignore" and _all_capitals(label))


def _all_capitals(label: str) -> bool:
    letters = [char for char in label if char.isalpha()]
    return len(letters) > 1 and all(char.isupper() for char in letters)


def read(record: Record, lang: str, site_lang: str) -> Term | None:
    """Return a term in a language, or None where it has no words in it."""
    fields = record.fields
    own = language(record.lang or site_lang)
    words = _words_in(fields, lang, own)
    if words is None:
        return None
    names = [n for text in texts(words.get("term")) for n in split_label(text)]
    aliases = [a for text in texts(words.get("aliases")) for a in split_label(text)]
    known = [n for n in (*names, *aliases) if len(n) <= MAX_LABEL and not too_short(n)]
    if not known or not names:
        return None
    short, short_lang = definition(fields, lang, own)
    status, use = _status(fields.get("status"))
    return Term(
        name=record.name,
        term=names[0],
        lang=lang,
        short=short,
        short_lang=short_lang,
        aliases=tuple(dict.fromkeys((*names[1:], *aliases))),
        known=tuple(known),
        words=words,
        fields=fields,
        status=status,
        use=use,
        sense=str(fields.get("sense") or ""),
        scope=tuple(texts(fields.get("scope") or [])),
    )


def definition(fields: Mapping[str, Any], lang: str, own: str) -> tuple[str, str]:
    """Return (short definition, its language): the page's language, else the term's."""
    other = _translation(fields, lang).get("short")
    if isinstance(other, str) and other:
        return other.strip(), lang
    short = fields.get("short")
    if isinstance(short, Mapping):
        for tag in (lang, own, *short):
            if isinstance(short.get(tag), str):
                return str(short[tag]).strip(), tag
        return "", own
    return (short.strip() if isinstance(short, str) else ""), own


def _words_in(
    fields: Mapping[str, Any], lang: str, own: str
) -> Mapping[str, Any] | None:
    if own == lang:
        return fields
    return _translation(fields, lang) or None


def _translation(fields: Mapping[str, Any], lang: str) -> Mapping[str, Any]:
    every = fields.get("languages")
    one = every.get(lang) if isinstance(every, Mapping) else None
    return one if isinstance(one, Mapping) else {}


def _status(value: Any) -> tuple[str, str]:
    if isinstance(value, Mapping):
        inner = value.get("deprecated", value)
        use = inner.get("use") if isinstance(inner, Mapping) else inner
        return "deprecated", str(use or "")
    return (value if value in STATUSES else "approved"), ""


def _labels(term: Term) -> Iterator[Label]:
    case, pos = term.fields.get("case") or "smart", term.fields.get("pos")
    never = {key(form) for form in texts(term.words.get("no_forms") or [])}
    for label in term.known:
        strict = case_matters(label, case)
        yield _label(label, strict)
        if "*" in never or has_unspaced(label):
            continue
        for form in inflect.forms(label, term.lang, pos or inflect.NOUN):
            if not never or key(form) not in never:
                yield _label(form, strict)
    for form in texts(term.words.get("forms") or []):
        if len(form) <= MAX_LABEL and not too_short(form):
            yield _label(form, case_matters(form, case))


def _label(text: str, strict: bool) -> Label:
    unspaced = bool(has_unspaced(text))
    steps = tuple(fold(text)) if unspaced else parts(text)
    return Label(text, steps, unspaced, exact(text) if strict else None)
