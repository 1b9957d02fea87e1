"""The pass over a page's tokens that links the first occurrence of each term.

Left alone: headings, code, math, links, pictures, HTML, addresses, header cells,
quotations (a setting), and a term's own page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wiki import Token

from .fold import key
from .inline import INLINE, Mark, flatten, put_links
from .matcher import Match, Matcher
from .terms import Term, texts

FIRST, PER_HEADING, ALL, OFF = "first", "first-per-heading", "all", "off"
MODES = (FIRST, PER_HEADING, ALL, OFF)
MAX_DEPTH = 60

_CLOSED = frozenset(
    {
        "heading",
        "block_code",
        "block_html",
        "block_math",
        "table_head",
        "summary",
        "thematic_break",
    }
)
_NOT_IN_ID = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Rules:
    """How a page wants its words marked (``glossary:`` in its front matter)."""

    mode: str = FIRST
    most: int = 25
    quotations: bool = False
    skip: frozenset[str] = frozenset()
    pins: Mapping[str, str] = field(default_factory=dict)


def rules_of(meta: Mapping[str, Any], mode: str, most: int, quotations: bool) -> Rules:
    """Return the rules of a page: its own where given, the site's otherwise."""
    given = meta.get("glossary")
    if given is False:
        return Rules(OFF)
    if isinstance(given, str):
        return Rules(given if given in MODES else mode, most, quotations)
    if not isinstance(given, Mapping):
        return Rules(mode, most, quotations)
    own = given.get("marks")
    pins = {key(k): v for k, v in given.items() if isinstance(v, str)}
    return Rules(
        own if own in MODES else mode,
        most,
        quotations,
        frozenset(key(text) for text in texts(given.get("skip") or [])),
        pins,
    )


class Pass:
    """One walk through one page; ``found`` are the entries for its list of words."""

    def __init__(
        self,
        terms: Sequence[Term],
        matcher: Matcher,
        rules: Rules,
        page: str,
        url: Callable[[Sequence[Term]], str],
    ) -> None:
        self.terms, self.matcher, self.rules = terms, matcher, rules
        self.page, self.url = page, url
        self.found: list[dict[str, Any]] = []
        self.marked = 0
        self._seen: set[tuple[int, ...]] = set()
        self._ids: dict[tuple[int, ...], str] = {}
        self._taken: set[str] = set()
        self._skipped: dict[int, bool] = {}
        self._chosen: dict[tuple[int, ...], tuple[int, ...]] = {}

    def run(self, tokens: list[Token]) -> list[Token]:
        """Return the tokens with links; the same object where nothing is marked."""
        return self._blocks(tokens, 0)

    def _blocks(self, tokens: list[Token], depth: int) -> list[Token]:
        new = [self._block(token, depth) for token in tokens]
        return (
            new if any(a is not b for a, b in zip(new, tokens, strict=True)) else tokens
        )

    def _block(self, token: Token, depth: int) -> Token:
        kind, children = token["type"], token.get("children")
        if kind == "heading" and token.get("attrs", {}).get("level", 9) <= 2:
            self._new_section()
        if not children or depth > MAX_DEPTH or self._is_closed(token):
            return token
        inline = any(child["type"] in INLINE for child in children)
        new = self._inline(children) if inline else self._blocks(children, depth + 1)
        return token if new is children else {**token, "children": new}

    def _new_section(self) -> None:
        if self.rules.mode == PER_HEADING:
            self._seen.clear()

    def _is_closed(self, token: Token) -> bool:
        kind = token["type"]
        if kind == "block_quote":
            return not self.rules.quotations
        return kind in _CLOSED or bool(token.get("attrs", {}).get("head"))

    def _inline(self, children: list[Token]) -> list[Token]:
        text, leaves = flatten(children)
        marks = [
            mark
            for match in self.matcher.find(text, self._wanted)
            if (mark := self._mark(match)) is not None
        ]
        return put_links(leaves, marks) if marks else children

    def _wanted(self, index: int) -> bool:
        known = self._skipped.get(index)
        if known is None:
            term = self.terms[index]
            names = {key(term.term), key(term.name.rpartition("/")[2])}
            known = self._skipped[index] = bool(names & self.rules.skip)
        return not known

    def _mark(self, match: Match) -> Mark | None:
        chosen = self._senses(match.terms)
        meant = [self.terms[index] for index in chosen]
        if any(term.name == self.page for term in meant):
            return None
        if self.rules.mode != ALL and chosen in self._seen:
            return None
        self._seen.add(chosen)
        if chosen not in self._ids:
            self._ids[chosen] = self._entry(meant)
        if self.marked >= self.rules.most:
            return None
        self.marked += 1
        attrs = {
            "url": self.url(meant),
            "class": "term",
            "describedby": self._ids[chosen],
        }
        return Mark(match.start, match.end, attrs)

    def _senses(self, indexes: tuple[int, ...]) -> tuple[int, ...]:
        """Return the sense that the page pins or lies in the scope of, else all."""
        if len(indexes) == 1 and not self.rules.pins:
            return indexes
        if indexes not in self._chosen:
            self._chosen[indexes] = self._choose(indexes)
        return self._chosen[indexes]

    def _choose(self, indexes: tuple[int, ...]) -> tuple[int, ...]:
        pinned = self._pinned(indexes)
        if pinned is not None:
            return (pinned,)
        reach = {index: self._reach(self.terms[index]) for index in indexes}
        farthest = max(reach.values())
        best = [index for index in indexes if reach[index] == farthest]
        return (best[0],) if farthest and len(best) == 1 else indexes

    def _pinned(self, indexes: tuple[int, ...]) -> int | None:
        """Return the term that the page names for this word, by sense or by page."""
        for index in indexes:
            pin = self.rules.pins.get(key(self.terms[index].term))
            for other, term in enumerate(self.terms if pin else ()):
                if pin == term.name or (pin == term.sense and other in indexes):
                    return other
        return None

    def _reach(self, term: Term) -> int:
        return max((len(s) for s in term.scope if self.page.startswith(s)), default=0)

    def _label(self, use: str) -> str:
        """Return the better word for an older one; it may be given as its page."""
        known = (t.term for t in self.terms if t.name == use)
        return next(known, use) if use else ""

    def _entry(self, meant: Sequence[Term]) -> str:
        slug = _NOT_IN_ID.sub("-", meant[0].term.casefold()).strip("-") or "term"
        name, n = f"t-{slug}", 1
        while name in self._taken:
            n += 1
            name = f"t-{slug}-{n}"
        self._taken.add(name)
        self.found.append(
            {
                "id": name,
                "term": meant[0].term,
                "name": meant[0].name,
                "short": meant[0].short,
                "lang": meant[0].short_lang,
                "use": self._label(meant[0].use),
                "meanings": [
                    {"name": t.name, "short": t.short, "lang": t.short_lang}
                    for t in (meant if len(meant) > 1 else ())
                ],
            }
        )
        return name
