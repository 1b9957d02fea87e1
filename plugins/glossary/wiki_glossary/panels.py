"""What stands around a page: its list of words, and on a term page the definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wiki import Actor, Panel, Record, Sees

from .fields import TERM
from .lexicon import Lexicons
from .problems import names_in
from .terms import Term, language, read, texts

MOST_LABELS = 6


def word_panels(view: Any) -> list[Panel]:
    """Return the list of the words that a page uses, each with its definition."""
    words = view.rendered.data.get("glossary")
    if not words:
        return []
    context = {"words": words, "lang": language(view.page.lang)}
    return [Panel("", "glossary/words.html", context)]


def top_panels(view: Any, actor: Actor, wiki: Any, lexicons: Lexicons) -> list[Panel]:
    """Return the definition of a term page, which stands before its text."""
    if view.page.kind != TERM.name:
        return []
    term = _term_of(view, lexicons)
    own = language(view.page.lang) or lexicons.site_lang
    context = {
        "term": term,
        "use": _references(term.use, wiki, actor.sees)[:1] if term else [],
        "own_lang": own,
        "others": _other_languages(view.page.meta),
        "senses": _senses(view, term, actor.sees, own, lexicons) if term else [],
    }
    return [Panel("", "glossary/definition.html", context)]


def bottom_panels(view: Any, actor: Actor, wiki: Any) -> list[Panel]:
    """Return what a term page refers to, and a search for the pages that use it."""
    if view.page.kind != TERM.name:
        return []
    meta, sees = view.page.meta, actor.sees
    context = {
        "see_also": _references(meta.get("see_also"), wiki, sees),
        "broader": _references(meta.get("broader"), wiki, sees),
        "not_to_confuse": _references(meta.get("not_to_confuse_with"), wiki, sees),
        "query": search_for(view.page.meta),
    }
    return [Panel("", "glossary/relations.html", context, weight=40)]


def search_for(meta: Mapping[str, Any]) -> str:
    """Return a search for the label and its forms, as phrases."""
    labels = [*texts(meta.get("term")), *texts(meta.get("aliases") or [])]
    plain = [label for label in labels if '"' not in label]
    return " OR ".join(f'"{label}"' for label in plain[:MOST_LABELS])


def _term_of(view: Any, lexicons: Lexicons) -> Term | None:
    page = view.page
    own = language(page.lang) or lexicons.site_lang
    return read(Record(page.id, page.name, page.title, page.meta, own), own, own)


def _senses(
    view: Any, term: Term, sees: Sees, lang: str, lexicons: Lexicons
) -> list[Term]:
    known = lexicons.get(lang, sees).named(term.term)
    return [other for other in known if other.name != view.page.name]


def _other_languages(meta: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    every = meta.get("languages")
    if not isinstance(every, Mapping):
        return []
    return [
        (str(tag), [*texts(words.get("term")), *texts(words.get("aliases") or [])])
        for tag, words in every.items()
        if isinstance(words, Mapping) and texts(words.get("term"))
    ]


def _references(value: Any, wiki: Any, sees: Sees) -> list[dict[str, str]]:
    """Return name, title and reason of each page that a field names."""
    items = value if isinstance(value, list) else [value]
    found: list[dict[str, str]] = []
    for item in items:
        why = item.get("why") if isinstance(item, Mapping) else ""
        for name in names_in([item]):
            record = wiki.record(name, sees)
            found.append(
                {
                    "name": record.name if record else "",
                    "title": record.title if record else name,
                    "why": str(why or ""),
                }
            )
    return found
