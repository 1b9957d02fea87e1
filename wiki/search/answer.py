"""One query answered: total, page, snippets, facets, and what else may be meant."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wiki.errors import BadRequest
from wiki.model.actor import Sees, may_see
from wiki.search import analysis, budget, tree
from wiki.search.base import (
    Document,
    Hit,
    Node,
    Note,
    Phrase,
    Results,
    Source,
    Word,
)
from wiki.search.combined import Combined
from wiki.search.fields import fold_value
from wiki.search.query import Parsed, parse
from wiki.search.snippets import snippet

_log = logging.getLogger(__name__)

PER_PAGE = 20
MAX_DEPTH = 1_000
# Name of each facet, and the field that is counted.
FACETS = {"tag": "tags", "type": "kind", "lang": "lang", "area": "area"}
MAX_FACET_VALUES = 50
MAX_ALTERNATIVES = 5


@dataclass(frozen=True, slots=True)
class Question:
    """``node`` is the tree of ``parsed``, perhaps with alternatives added."""

    parsed: Parsed
    node: Node
    page: int
    sees: Sees


@dataclass(frozen=True, slots=True)
class _Meant:
    """What is searched in the end."""

    node: Node
    total: int
    notes: tuple[Note, ...] = ()
    did_you_mean: str | None = None


def answer(question: Question, view: Combined, source: Source, pending: int) -> Results:
    """Return the page of results asked for."""
    parsed = question.parsed
    meant = _meant(question, view)
    notes = [*parsed.notes, *meant.notes, *_prefix_notes(view, meant.node)]
    if pending:
        notes.append(
            Note("%(count)d new pages are still being indexed.", {"count": pending})
        )
    page, pages, more = _page(question.page, meant.total)
    notes += more
    hits = _hits(question, view, source, meant.node, page)
    budget.check()
    return Results(
        parsed.text,
        parsed.understood,
        hits=hits,
        total=meant.total,
        page=page,
        pages=pages,
        notes=tuple(notes),
        facets=_facets(view, meant.node) if meant.total else {},
        did_you_mean=meant.did_you_mean,
        also=_added(parsed.node, question.node),
        current=not pending,
    )


# -- what is meant


def _meant(question: Question, view: Combined) -> _Meant:
    node = question.node
    total = view.count(node)
    if total:
        return _Meant(node, total)
    return _corrected(question, view) or _some_words(node, view) or _Meant(node, 0)


def _corrected(question: Question, view: Combined) -> _Meant | None:
    """Return the search for words that may be meant, if it finds anything."""
    text = _respelled(question.parsed, view)
    if text is None:
        return None
    try:
        other = parse(text)
    except BadRequest:
        return None  # the right words are longer than a query may be
    total = view.count(other.node) if other.node is not None else 0
    if other.node is None or not total:
        return None
    note = Note(
        "Showing results for “%(text)s”. No page has what you typed.", {"text": text}
    )
    return _Meant(other.node, total, (note,), text)


def _respelled(parsed: Parsed, view: Combined) -> str | None:
    """Return the query with each unknown word replaced by the nearest known one."""
    assert parsed.node is not None
    unknown: dict[str, str] = {}
    for leaf in tree.leaves(parsed.node):
        for word in _spelled(leaf):
            if len(word) < 3 or analysis.unspaced(word) or view.count(Word(word)):
                continue
            near = view.near(word, 2 if len(word) >= 8 else 1, 1)
            if not near:
                return None
            unknown[word] = near[0]
    if not unknown:
        return None
    text = parsed.text
    for token in reversed(analysis.tokens(text)):
        if token.text in unknown:
            text = text[: token.start] + unknown[token.text] + text[token.end :]
    return text


def _spelled(leaf: Node) -> tuple[str, ...]:
    if isinstance(leaf, Word):
        return (leaf.text,)
    return leaf.words if isinstance(leaf, Phrase) else ()


def _some_words(node: Node, view: Combined) -> _Meant | None:
    some = tree.any_word(node)
    total = view.count(some) if some is not None else 0
    if some is None or not total:
        return None
    note = Note("No page has all of these words. Pages with some of them:")
    return _Meant(some, total, (note,))


def _prefix_notes(view: Combined, node: Node) -> list[Note]:
    return [
        Note(
            "“%(prefix)s*” begins very many words; the %(limit)d most frequent ones "
            "were searched. Add a letter.",
            {"prefix": prefix, "limit": tree.MAX_COMPLETIONS},
        )
        for prefix in sorted(tree.prefixes(node))
        if len(view.completions(prefix)) > tree.MAX_COMPLETIONS
    ]


def _added(before: Node | None, after: Node) -> tuple[str, ...]:
    """Return the words that were added to the tree, in order."""
    known = {leaf for leaf in tree.leaves(before)} if before is not None else set()
    added = [leaf for leaf in tree.leaves(after) if leaf not in known]
    return tuple(dict.fromkeys(" ".join(_spelled(leaf)) for leaf in added))


# -- the page


def _page(asked: int, total: int) -> tuple[int, int, list[Note]]:
    """Return the page to show, the number of pages, and notes on both."""
    deep = min(total, MAX_DEPTH)
    pages = max(1, -(-deep // PER_PAGE))
    notes = []
    if asked > pages:
        notes.append(
            Note("There is no page %(asked)d. This is the last one.", {"asked": asked})
        )
    page = min(max(asked, 1), pages)
    if total > MAX_DEPTH and page == pages:
        notes.append(
            Note(
                "Only the first %(limit)d results are listed. Add a word or a filter "
                "to narrow the search.",
                {"limit": MAX_DEPTH},
            )
        )
    return page, pages, notes


def _hits(
    question: Question, view: Combined, source: Source, node: Node, page: int
) -> tuple[Hit, ...]:
    found = view.search(node, (page - 1) * PER_PAGE, PER_PAGE)
    documents = view.documents([hit.id for hit in found])
    shown = [documents[hit.id] for hit in found if hit.id in documents]
    words = tuple(dict.fromkeys(word for word, _ in tree.scored(node)))
    hits = []
    for document in _allowed(shown, source, question.sees):
        budget.check()
        hits.append(_hit(document, words))
    return tuple(hits)


def _allowed(
    documents: Sequence[Document], source: Source, sees: Sees
) -> Iterator[Document]:
    """Check once more who may see what: the engine did, this must change nothing."""
    if not documents:
        return
    audiences = source.audiences([document.name for document in documents])
    for document in documents:
        if document.name not in audiences:
            continue
        if may_see(sees, audiences[document.name]):
            yield document
        else:
            _log.error("Search found page %d against its audience", document.id)


def _hit(document: Document, words: tuple[str, ...]) -> Hit:
    fragments = snippet(document.body, words)
    titles = (document.title, *document.aliases)
    matched = []
    if _has_any(titles, words):
        matched.append("title")
    if {fold_value("tags", tag) for tag in document.tags} & set(words):
        matched.append("tag")
    if any(fragment.mark for fragment in fragments):
        matched.append("text")
    return Hit(
        document.id,
        document.name,
        document.title,
        fragments,
        tuple(matched),
        document.tags,
        document.kind,
        document.lang,
        document.updated,
        document.audience,
    )


def _has_any(texts: Sequence[str], words: Sequence[str]) -> bool:
    found = {word for text in texts for word in analysis.words(text)}
    starts = tuple(word[:-1] for word in words if word.endswith("*"))
    return not found.isdisjoint(words) or any(w.startswith(starts) for w in found)


def _facets(view: Combined, node: Node) -> dict[str, tuple[tuple[str, int], ...]]:
    counted = view.facets(node, list(FACETS.values()))
    return {
        name: tuple(
            sorted(counted[field].items(), key=lambda pair: (-pair[1], pair[0]))
        )[:MAX_FACET_VALUES]
        for name, field in FACETS.items()
    }


# -- as one types


def suggestions(view: Combined, pieces: list[str], limit: int) -> list[Hit]:
    """Return pages by the beginnings of title words; typing errors only if none."""
    found = view.titles(pieces, limit)
    if not found and len(pieces[-1]) >= 4:
        for near in view.near(pieces[-1], 1, 3):
            found = view.titles([*pieces[:-1], near], limit)
            if found:
                break
    return [Hit(each.id, each.name, each.title, matched=("title",)) for each in found]
