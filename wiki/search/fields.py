"""What of a document is indexed, the same for every engine (spec: search, 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from wiki.search import analysis
from wiki.search.base import Document

VERSION = "1"

FINGERPRINT = f"analysis {analysis.VERSION}, fields {VERSION}"

# How often a title counts in the field "all".
TITLE_TIMES = 5


@dataclass(frozen=True, slots=True)
class Words:
    """One field of a page: each word with its count and its places, and the length.

    Places leave a gap between parts, so that no phrase spans title and body.
    """

    counts: Mapping[str, int]
    places: Mapping[str, list[int]]
    length: int


@dataclass(frozen=True, slots=True)
class Values:
    """What a page is filtered, counted and sorted by; folded where it is matched."""

    tags: tuple[str, ...] = ()
    kind: str = ""
    lang: str = ""
    ns: tuple[str, ...] = ()
    author: str = ""
    updated: int = 0
    audience: str = "public"


@dataclass(frozen=True, slots=True)
class Indexed:
    """A page in words and values; ``document`` is what it was made from."""

    id: int
    seq: int
    all: Words
    title: Words
    values: Values
    # Folded title and aliases, one after the other, for suggestions as one types.
    heading: str
    document: Document


def indexed(document: Document) -> Indexed:
    """Return what is indexed of a document."""
    names = [analysis.words(document.title)]
    names += [analysis.words(alias) for alias in document.aliases]
    body = [analysis.words(heading) for heading in document.headings]
    body.append(analysis.words(document.body))
    return Indexed(
        document.id,
        document.seq,
        _words([(names[0], TITLE_TIMES), *((part, 1) for part in names[1:] + body)]),
        _words([(part, 1) for part in names]),
        values(document),
        heading(document),
        document,
    )


def _words(parts: Iterable[tuple[list[str], int]]) -> Words:
    places: dict[str, list[int]] = {}
    extra: dict[str, int] = {}
    at = length = 0
    for part, times in parts:
        for word in part:
            if word in places:
                places[word].append(at)
            else:
                places[word] = [at]
            at += 1
        if times > 1:
            for word in part:
                extra[word] = extra.get(word, 0) + times - 1
        length += len(part) * times
        at += 1
    counts = {word: len(where) for word, where in places.items()}
    for word, more in extra.items():
        counts[word] += more
    return Words(counts, places, length)


def values(document: Document) -> Values:
    """Return the filter values of a document as they are shown."""
    return Values(
        tuple({fold_value("tags", tag): tag for tag in document.tags}.values()),
        document.kind,
        document.lang.lower().replace("_", "-"),
        namespaces(document.name),
        document.author,
        document.updated,
        document.audience,
    )


def heading(document: Document) -> str:
    """Return title and aliases, folded, each after a space."""
    folded = (analysis.fold(text) for text in (document.title, *document.aliases))
    return " " + " ".join(folded)


def namespaces(name: str) -> tuple[str, ...]:
    """Return every parent of a page name, the topmost first."""
    parts = name.split("/")[:-1]
    return tuple("/".join(parts[: n + 1]) for n in range(len(parts)))


def language(tag: str) -> str:
    """Return the language of a language tag without region: "pt" of "pt-br"."""
    return tag.partition("-")[0]


@lru_cache(maxsize=20_000)
def fold_value(field: str, value: str) -> str:
    """Return a filter value as it is compared."""
    if field == "lang":
        return value.lower().replace("_", "-")
    if field == "ns":
        return "/".join(map(analysis.fold, value.strip("/ ").split("/")))
    return analysis.fold(value)


def matched_values(field: str, page: Values) -> tuple[str, ...]:
    """Return the folded values a filter on ``field`` is compared with."""
    if field == "lang":
        return (page.lang, language(page.lang))
    found = getattr(page, field)
    many = found if isinstance(found, tuple) else (found,)
    return tuple(fold_value(field, value) for value in many)


def facet_values(field: str, page: Values) -> tuple[str, ...]:
    """Return the values of a page counted in a facet, as they are shown."""
    if field == "tags":
        return page.tags
    if field == "area":
        return page.ns[:1]
    if field == "lang":
        return (language(page.lang),) if page.lang else ()
    value = str(getattr(page, field))
    return (value,) if value else ()
