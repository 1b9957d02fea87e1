"""The front matter of a term page, and the checks of single fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wiki import ERROR, Field, FrontLimits, PageType, Problem

from .inflect import PARTS_OF_SPEECH
from .terms import CASES, MAX_LABEL, MAX_SHORT, STATUSES

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}\Z")
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:\S+\Z")
# What Markdown would read as more than text.
MARKUP = re.compile(
    r"\[\[|\]\(|\*\*|__|`|</?[A-Za-z]|(?<!\w)[*_]\w[^*_\n]*[*_](?!\w)|^\s*[#>]\s",
    re.M,
)

STARTER = """---
type: term
term:
short:
aliases: []
---

"""


def check_short(value: Any) -> list[Problem]:
    """Return what is wrong with a short definition, or with one of its languages."""
    texts = value.values() if isinstance(value, Mapping) else [value]
    return [problem for text in texts for problem in _check_short(text)]


def _check_short(text: Any) -> Iterator[Problem]:
    if not isinstance(text, str):
        yield Problem(ERROR, "short", "The short definition must be text.")
        return
    size = len(text.strip())
    if size > MAX_SHORT:
        yield Problem(
            ERROR,
            "short",
            "The short definition is %(n)d characters; 280 is the limit. "
            "Put the rest in the page.",
            params={"n": size},
        )
    if MARKUP.search(text):
        yield Problem(
            ERROR,
            "short",
            "The short definition is shown in a small box: plain text only.",
        )


def check_status(value: Any) -> list[Problem]:
    """Return what is wrong with a status: a word, or {use: term} for an older word."""
    if value in STATUSES or (isinstance(value, Mapping) and value.keys() & {"use"}):
        return []
    return [
        Problem(
            ERROR,
            "status",
            "Status must be one of: draft, approved, deprecated; "
            "or {use: term} for an older word.",
        )
    ]


def check_languages(value: Any) -> list[Problem]:
    """Return what is wrong with the words of a term in other languages."""
    if not isinstance(value, Mapping):
        value = {str(value)[:40]: {}}
    found: list[Problem] = []
    for tag, words in value.items():
        if not LANGUAGE.match(str(tag)) or not isinstance(words, Mapping):
            params = {"x": str(tag)[:40]}
            message = "'%(x)s' is not a language code."
            found.append(Problem(ERROR, "languages", message, params=params))
        elif "short" in words:
            found.extend(check_short(words["short"]))
    return found


def check_uris(value: Any) -> list[Problem]:
    """Return the entries that are no addresses of a term elsewhere."""
    items = value if isinstance(value, list) else [value]
    return [
        Problem(
            ERROR,
            "exact_match",
            "'%(x)s' is not a full address (URI) of a term elsewhere.",
            params={"x": str(item)[:80]},
        )
        for item in items
        if not URI.match(str(item))
    ]


FIELDS = (
    Field("term", "text", "Term", "As it appears in a sentence.", limit=MAX_LABEL),
    Field(
        "short",
        "long",
        "Short definition",
        "Plain words, 280 characters at most; shown where the word is used.",
        check=check_short,
    ),
    Field("aliases", "list", "Other words for it", "Each leads to this page."),
    Field("forms", "list", "Other forms", "Forms that the rules do not make."),
    Field("no_forms", "list", "Never marked", "Forms that mean something else."),
    Field(
        "pos",
        "choice",
        "Part of speech",
        "Decides which forms are marked; verb forms for verbs only.",
        choices=PARTS_OF_SPEECH,
    ),
    Field(
        "case",
        "choice",
        "Capitals",
        "Smart: words in capitals match as they are, all others any way.",
        choices=CASES,
    ),
    Field("sense", "text", "Sense", "A short name, where a word has several meanings."),
    Field("scope", "list", "Where this sense applies", "Folders, such as guides/."),
    Field("see_also", "list", "See also", "Pages of other terms."),
    Field("broader", "list", "Broader terms", "Pages of more general terms."),
    Field("not_to_confuse_with", "list", "Not to be confused with", "And why not."),
    Field(
        "languages",
        "map",
        "In other languages",
        "Term, aliases, forms and short by language code.",
        check=check_languages,
    ),
    Field("exact_match", "list", "The same elsewhere", check=check_uris),
    Field(
        "status",
        "choice",
        "Status",
        "Drafts are marked in previews only.",
        choices=STATUSES,
        check=check_status,
    ),
    Field("sources", "list", "Sources"),
)

TERM = PageType(
    name="term",
    label="Term",
    fields=FIELDS,
    template="glossary/term.html",
    icon="book",
    starter=STARTER,
    limits=FrontLimits(size=16 * 1024, values=512, depth=4),
)
