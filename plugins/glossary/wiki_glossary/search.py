"""Words of a search that are labels also find the other words for the same thing.

Quoted phrases and what is left out (``-word``) stay as they are; a label with
several meanings adds nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from wiki import And, Node, Or, Phrase, Word

from .lexicon import Lexicon
from .terms import Term

WEIGHT = 0.5
MOST = 5
LONGEST = 6

Words = Callable[[str], Sequence[str]]
_WORD = re.compile(r"[^\W_]+")


def words(label: str) -> list[str]:
    """Return the words of a label as the search knows them: no case, no accents."""
    text = unicodedata.normalize("NFKD", label.casefold())
    bare = "".join(char for char in text if not unicodedata.combining(char))
    return _WORD.findall(unicodedata.normalize("NFC", bare))


class Expander:
    """The labels of lexicons, of one language each, as the search engine's words."""

    def __init__(self, lexicons: Iterable[Lexicon], words: Words) -> None:
        self._words = words
        self._labels: dict[tuple[str, ...], dict[str, Term]] = {}
        for lexicon in lexicons:
            for term in lexicon.terms:
                for label in (term.term, *term.aliases):
                    found = self._labels.setdefault(tuple(words(label)), {})
                    found.setdefault(term.name, term)

    def expand(self, node: Node) -> Node:
        """Return the query with alternatives beside each label that was typed."""
        if isinstance(node, Word):
            return node if node.exact else self._run((node,)) or node
        if isinstance(node, And):
            return And(tuple(self._parts(node.parts)))
        if isinstance(node, Or):
            return Or(tuple(self.expand(part) for part in node.parts))
        return node

    def _parts(self, parts: Sequence[Node]) -> list[Node]:
        found: list[Node] = []
        at = 0
        while at < len(parts):
            size, new = self._longest(parts[at : at + LONGEST])
            found.append(new or self.expand(parts[at]))
            at += size
        return found

    def _longest(self, parts: Sequence[Node]) -> tuple[int, Node | None]:
        words: list[Word] = []
        for part in parts:
            if not isinstance(part, Word) or part.exact:
                break
            words.append(part)
        for size in range(len(words), 1, -1):
            new = self._run(words[:size])
            if new:
                return size, new
        return 1, None

    def _run(self, typed: Sequence[Word]) -> Node | None:
        terms = self._labels.get(tuple(word.text for word in typed), {})
        if len(terms) != 1:
            return None
        (term,) = terms.values()
        own = typed[0] if len(typed) == 1 else And(tuple(typed))
        others = [
            _node(words)
            for label in (term.term, *term.aliases)
            if (words := tuple(self._words(label)))
            and words != tuple(word.text for word in typed)
        ]
        return Or((own, *dict.fromkeys(others[:MOST]))) if others else None


def _node(words: tuple[str, ...]) -> Node:
    return Word(words[0], WEIGHT) if len(words) == 1 else Phrase(words, WEIGHT)
