"""What a person typed, as a tree of words, phrases and filters (spec: search, 4).

Nothing typed is an error of the program: what is too long is refused with a sentence,
everything else is searched as well as it can be, with notes on what was ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from wiki.errors import BadRequest
from wiki.search import analysis, filters, tree
from wiki.search.base import And, Filter, Node, Not, Note, Or, Phrase, Prefix, Word

MAX_CHARACTERS = 256
MAX_TERMS = 32
MAX_PHRASE = 12
MIN_PREFIX = 3


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query: what to look for, and how it was understood.

    ``node`` is None when there is nothing to look for; ``words`` are the analyzed
    words that count, a prefix with its star; ``plain`` is what was typed without
    operators, filters and what must not be there.
    """

    node: Node | None
    text: str
    understood: str = ""
    notes: tuple[Note, ...] = ()
    words: tuple[str, ...] = ()
    plain: str = ""


@dataclass(slots=True)
class _Term:
    """One part of the query as it was typed."""

    kind: str  # word, phrase, field, or
    text: str
    negated: bool = False
    field: str = ""


@dataclass(slots=True)
class _Reading:
    now: datetime
    notes: list[Note] = field(default_factory=list)
    terms: int = 0
    # A note already says why a part is gone.
    explained: bool = False

    def note(self, message: str, **params: object) -> None:
        new = Note(message, params)
        if new not in self.notes:
            self.notes.append(new)


def parse(text: str, *, now: datetime | None = None) -> Parsed:
    """Return the tree of a query; BadRequest for one that is too long.

    Dates are read in the time zone of ``now``.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadRequest(
            "Please shorten the search to %(limit)d characters.", limit=MAX_CHARACTERS
        )
    reading = _Reading(now or datetime.now(UTC))
    terms = _terms(text, reading)
    parts, shown = _tree(terms, reading)
    node = _all_of(parts)
    if node is not None and not tree.has_positive(node):
        reading.note("Add at least one word to look for.")
        node = None
    elif node is None and text.strip() and not reading.explained:
        reading.note("Nothing to look for in that.")
    words = tuple(word for word, _ in tree.scored(node)) if node else ()
    plain = " ".join(
        term.text.rstrip("*")
        for term in terms
        if term.kind in ("word", "phrase") and not term.negated
    )
    return Parsed(node, text, " ".join(shown), tuple(reading.notes), words, plain)


# -- reading: text to terms

_OPEN = '"“”„«»'
_TERM = re.compile(
    rf"""
    (?P<minus>-(?=[^\s\-]))?
    (?:(?P<field>(?i:{"|".join(filters.FIELDS)})(?=:)|[A-Za-z]{{1,20}}(?=:[^\s:/\\])):)?
    (?:[{_OPEN}](?P<phrase>[^{_OPEN}]*)[{_OPEN}]
      |(?P<unclosed>[{_OPEN}])
      |(?P<word>[^\s{_OPEN}()]+)
      |)
    """,
    re.VERBOSE,
)


def _terms(text: str, reading: _Reading) -> list[_Term]:
    found: list[_Term] = []
    at, negate_next = 0, False
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None or match.end() == at:
            at += 1
            continue
        at = match.end()
        if match["unclosed"]:
            reading.note(
                "A quotation mark is not closed, so its words are searched one by one."
            )
            continue
        if match["word"] in ("AND", "NOT") and not match["field"]:
            negate_next = match["word"] == "NOT"
            continue
        negated = bool(match["minus"]) or negate_next
        negate_next = False
        found += _term(match, negated, reading)
    return found


def _term(match: re.Match[str], negated: bool, reading: _Reading) -> Iterator[_Term]:
    typed, name = match["field"], (match["field"] or "").lower()
    phrase, word = match["phrase"], match["word"] or ""
    if name in filters.FIELDS:
        yield _Term("field", phrase if phrase is not None else word, negated, name)
        return
    if typed:
        reading.note(
            "There is no filter “%(field)s:”, so it was searched as a word. "
            "Filters are tag:, type:, lang:, author:, in: and updated:.",
            field=typed,
        )
        yield _Term("word", typed, negated)
    if phrase is not None:
        yield _Term("phrase", phrase, negated)
    elif word == "OR" and not typed and not negated:
        yield _Term("or", word)
    elif word:
        yield _Term("word", word, negated)


# -- building: terms to a tree


def _tree(terms: list[_Term], reading: _Reading) -> tuple[list[Node], list[str]]:
    """Return the parts that must all hold, and how they are shown."""
    groups: list[list[tuple[Node, str]]] = []
    join = False
    for term in terms:
        if term.kind == "or":
            join = bool(groups)
            continue
        built = _build(term, reading)
        if built is None:
            continue
        if join:
            groups[-1].append(built)
        else:
            groups.append([built])
        join = False
    if reading.terms > MAX_TERMS:
        raise BadRequest(
            "Please shorten the search to %(limit)d words.", limit=MAX_TERMS
        )
    nodes: list[Node] = []
    for group in groups:
        alternatives = tuple(node for node, _ in group)
        nodes.append(Or(alternatives) if len(group) > 1 else alternatives[0])
    return nodes, [" OR ".join(shown for _, shown in group) for group in groups]


def _build(term: _Term, reading: _Reading) -> tuple[Node, str] | None:
    node: Node | None
    if term.kind == "field":
        node, shown = _filter(term, reading), f"{term.field}:{_quoted(term.text)}"
    elif term.kind == "phrase":
        node, shown = _phrase(term.text, reading), f'"{" ".join(term.text.split())}"'
    else:
        node, shown = _words(term.text, reading), term.text
    if node is None:
        return None
    return (Not(node), "-" + shown) if term.negated else (node, shown)


def _quoted(text: str) -> str:
    return f'"{text}"' if re.search(r"\s", text) else text


def _filter(term: _Term, reading: _Reading) -> Filter | None:
    reading.terms += 1
    try:
        return filters.make(term.field, term.text, reading.now)
    except filters.BadValue as bad:
        reading.note(bad.note.message, **bad.note.params)
        reading.explained = True
        return None


def _phrase(text: str, reading: _Reading) -> Node | None:
    found = analysis.words(text)
    # Two letters of a script without spaces make about one word.
    length = sum(0.5 if analysis.unspaced(word) else 1 for word in found)
    if length > MAX_PHRASE:
        raise BadRequest(
            "Please shorten the phrase in quotation marks to %(limit)d words.",
            limit=MAX_PHRASE,
        )
    reading.terms += len(found)
    if len(found) == 1:
        one = _single(found[0])
        return replace(one, exact=True) if isinstance(one, Word) else one
    return Phrase(tuple(found)) if found else None


def _words(text: str, reading: _Reading) -> Node | None:
    stem, star = text.rstrip("*"), text.endswith("*")
    if "*" in stem:
        reading.note(
            "A star works only at the end of a word, so “%(word)s” was searched "
            "without it.",
            word=text,
        )
    runs = analysis.runs(stem)
    reading.terms += len(runs)
    nodes = [_run(run) for run in runs]
    if star and runs:
        _complete(nodes, runs[-1], text, reading)
    return _all_of(nodes)


def _run(run: list[str]) -> Node:
    """Return a word, or the phrase of the bigrams of an unspaced run."""
    if len(run) == 1:
        return _single(run[0])
    if len(run) <= MAX_PHRASE:
        return Phrase(tuple(run))
    # A long sentence without spaces: its pieces overlap by one bigram.
    step = MAX_PHRASE - 1
    pieces = [tuple(run[n : n + MAX_PHRASE]) for n in range(0, len(run) - 1, step)]
    return And(tuple(Phrase(piece) for piece in pieces))


def _single(word: str) -> Node:
    if analysis.unspaced(word) and len(analysis.clusters(word)) == 1:
        return Prefix(word)
    return Word(word)


def _complete(nodes: list[Node], run: list[str], text: str, reading: _Reading) -> None:
    """Make a prefix of the last word, where it is long enough for one."""
    if analysis.unspaced(run[-1]):
        return
    if len(run[-1]) < MIN_PREFIX:
        reading.note(
            "“%(word)s” is too short for a star: at least %(letters)d letters are "
            "needed. It was searched as a word.",
            word=text,
            letters=MIN_PREFIX,
        )
        return
    nodes[-1] = Prefix(run[-1])


def _all_of(nodes: list[Node]) -> Node | None:
    """Return the nodes joined with AND, flat."""
    flat: list[Node] = []
    for node in nodes:
        flat += node.parts if isinstance(node, And) else (node,)
    if not flat:
        return None
    return flat[0] if len(flat) == 1 else And(tuple(flat))
