"""Checks of a term page against the other terms, and of pins on any page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from wiki import ERROR, WARNING, Problem, Record

from . import inflect
from .fold import key
from .lexicon import Lexicon
from .terms import Term, language, read, split_label, texts, too_short

REFERENCES = ("see_also", "broader", "not_to_confuse_with")


def term_problems(
    name: str,
    meta: Mapping[str, Any],
    lexicon: Lexicon,
    find: Callable[[str], Record | None],
) -> list[Problem]:
    """Return what is wrong with a term page; ``find`` returns a page by its name."""
    labels = [*texts(meta.get("term")), *texts(meta.get("aliases") or [])]
    if not texts(meta.get("term")):
        return [Problem(ERROR, "term", "Write the term as it appears in a sentence.")]
    draft = read(Record(0, name, name, meta, lexicon.lang), lexicon.lang, lexicon.lang)
    return [
        *_labels_too_short(labels),
        *_clashes(name, labels, str(meta.get("sense") or ""), lexicon),
        *_form_problems(meta, labels, lexicon.lang),
        *_missing(meta, find),
        *(_circles(name, draft, meta, find) if draft else ()),
    ]


def _labels_too_short(labels: Iterable[str]) -> Iterator[Problem]:
    for label in labels:
        if too_short(label):
            yield Problem(
                ERROR,
                "term",
                "'%(x)s': Too short to mark safely; link it by hand.",
                params={"x": label},
            )


def _clashes(
    name: str, labels: Iterable[str], sense: str, lexicon: Lexicon
) -> Iterator[Problem]:
    """Find labels that lead elsewhere already, in the same scope, without a sense."""
    known = [part for label in labels for part in split_label(label)]
    for label in dict.fromkeys(known):
        for other in lexicon.by_label.get(key(label), ()):
            if other.name == name:
                continue
            if sense and other.sense and sense != other.sense:
                continue
            field = "sense" if sense and sense == other.sense else "aliases"
            yield Problem(
                ERROR,
                field,
                "'%(x)s' already leads to %(page)s. Give both pages a sense.",
                params={"x": label, "page": other.name},
            )


def _form_problems(
    meta: Mapping[str, Any], labels: list[str], lang: str
) -> Iterator[Problem]:
    pos = meta.get("pos") if meta.get("pos") in inflect.PARTS_OF_SPEECH else "noun"
    parts = [part for label in labels for part in split_label(label)]
    made = {key(form) for part in parts for form in inflect.forms(part, lang, str(pos))}
    for form in texts(meta.get("forms") or []):
        if key(form) in made:
            message = "'%(x)s' is already generated."
            yield Problem(WARNING, "forms", message, params={"x": form})
    for form in texts(meta.get("no_forms") or []):
        if form != "*" and key(form) not in made:
            message = "'%(x)s' is not generated, so it need not be left out."
            yield Problem(WARNING, "no_forms", message, params={"x": form})


def names_in(value: Any) -> list[str]:
    """Return the page names of a list of references, or of {term, why} entries."""
    items = value if isinstance(value, list) else [value]
    found = [i.get("term") if isinstance(i, Mapping) else i for i in items]
    return [str(name).strip() for name in found if isinstance(name, str) and name]


def _missing(
    meta: Mapping[str, Any], find: Callable[[str], Record | None]
) -> Iterator[Problem]:
    for field in REFERENCES:
        for name in names_in(meta.get(field)):
            if find(name) is None:
                yield Problem(
                    WARNING,
                    field,
                    "There is no page '%(name)s' yet. The reference is kept and "
                    "shown as plain text.",
                    params={"name": name},
                )


def _circles(
    name: str,
    term: Term,
    meta: Mapping[str, Any],
    find: Callable[[str], Record | None],
) -> Iterator[Problem]:
    seen: set[str] = set()
    ahead = [(page, page) for page in names_in(meta.get("broader"))]
    while ahead and len(seen) < 500:
        page, by = ahead.pop()
        if page == name:
            yield Problem(
                ERROR,
                "broader",
                "'%(a)s' cannot be broader than itself by way of %(b)s.",
                params={"a": term.term, "b": by},
            )
            return
        record = find(page) if page not in seen else None
        seen.add(page)
        if record:
            ahead += [(up, page) for up in names_in(record.fields.get("broader"))]


def pin_problems(meta: Mapping[str, Any], lexicon: Lexicon) -> list[Problem]:
    """Return pins of a page (``glossary: {movement: social}``) to missing senses."""
    pins = meta.get("glossary")
    if not isinstance(pins, Mapping):
        return []
    names = {term.name for term in lexicon.terms}
    return [
        Problem(
            WARNING,
            "glossary",
            "There is no sense '%(x)s' of '%(term)s'; both meanings are shown.",
            params={"x": sense, "term": label},
        )
        for label, sense in pins.items()
        if label not in ("skip", "marks")
        and sense not in names
        and sense not in {t.sense for t in lexicon.by_label.get(key(str(label)), ())}
    ]


def page_language(meta: Mapping[str, Any], site_lang: str) -> str:
    """Return the language of a draft, from its front matter or the site."""
    return language(meta.get("lang") or site_lang)
