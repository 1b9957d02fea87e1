"""What search is made of: query tree, documents, hits, and the engine interface.

Plain data only crosses the interface; no engine object, document number, analyzer
or query string does (spec: search, section 8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from wiki.model.actor import Sees

# -- the query tree: words are already analyzed, engines match them as they are


@dataclass(frozen=True, slots=True)
class Word:
    """One word; ``exact`` was typed in quotation marks and is never expanded."""

    text: str
    weight: float = 1.0
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    words: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Prefix:
    text: str


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


@dataclass(frozen=True, slots=True)
class Filter:
    """One field holds one of ``values``: tags, kind, lang, ns, author, updated.

    Values are folded like their field; those of ``updated`` are spans of
    milliseconds UTC, ``"<from>..<to>"``, the end not included.
    """

    field: str
    values: tuple[str, ...]


Node = Word | Phrase | Prefix | And | Or | Not | Filter


@dataclass(frozen=True, slots=True)
class Document:
    """What is indexed of a page. ``body`` is visible text, unanalyzed.

    ``updated`` is milliseconds UTC; ``seq`` the change that made this state.
    """

    id: int
    seq: int
    name: str
    title: str
    body: str
    headings: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    kind: str = ""
    lang: str = ""
    author: str = ""
    updated: int = 0
    audience: str = "public"


@dataclass(frozen=True, slots=True)
class EngineHit:
    """Best first: higher score, then newer, then lower id."""

    id: int
    score: float
    updated: int = 0


@dataclass(frozen=True, slots=True)
class Upsert:
    document: Document


@dataclass(frozen=True, slots=True)
class Remove:
    id: int
    seq: int


@dataclass(frozen=True, slots=True, order=True)
class Title:
    """A suggestion; in order: titles that start like the input, then short ones."""

    elsewhere: bool
    length: int
    id: int
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What BM25 needs of a collection: its pages and the words of each field."""

    pages: int = 0
    all: int = 0
    title: int = 0


class Snapshot(Protocol):
    """A stable view of the index, used by one thread."""

    @property
    def seq(self) -> int:
        """The change up to which this view is complete."""

    def totals(self) -> Totals: ...

    def search(
        self,
        query: Node,
        *,
        limit: int,
        offset: int = 0,
        sees: Sees = None,
        exclude_ids: frozenset[int] = frozenset(),
    ) -> list[EngineHit]: ...

    def count(
        self,
        query: Node,
        *,
        sees: Sees = None,
        exclude_ids: frozenset[int] = frozenset(),
    ) -> int: ...

    def facets(
        self,
        query: Node,
        fields: Sequence[str],
        *,
        sees: Sees = None,
        exclude_ids: frozenset[int] = frozenset(),
    ) -> dict[str, dict[str, int]]:
        """Return {field: {value: hits}} for tags, kind, lang, area, author."""

    def documents(self, ids: Sequence[int]) -> dict[int, Document]:
        """Return what is shown of pages: all but headings; others are absent."""

    def df(
        self, words: Sequence[str], fields: Sequence[str] = ("all",)
    ) -> dict[str, tuple[int, ...]]:
        """Return {word: number of pages per field}, whatever their audience.

        ``"organi*"`` counts the pages with any of the completions used.
        """

    def terms(self, prefix: str, n: int, *, sees: Sees = None) -> list[str]:
        """Return words that start so, those on most visible pages first."""

    def near(self, word: str, distance: int, n: int, *, sees: Sees = None) -> list[str]:
        """Return visible words that few typing errors turn into ``word``."""

    def titles(
        self,
        prefix_words: Sequence[str],
        *,
        limit: int,
        sees: Sees = None,
        exclude_ids: frozenset[int] = frozenset(),
    ) -> list[Title]:
        """Return pages with a title word that starts like each of the folded words.

        In the order of ``Title``.
        """


class Engine(Protocol):
    def open(self, path: Path | None, fingerprint: str) -> None:
        """Open or create below ``path``; IndexUnusable if damaged or foreign."""

    def apply(self, batch: Sequence[Upsert | Remove], seq: int) -> None:
        """Apply atomically; idempotent, last seq wins; stores ``seq``."""

    def applied_seq(self) -> int: ...

    def generation(self) -> int:
        """Return a number that changes when a commit becomes visible, cheaply."""

    def snapshot(self) -> AbstractContextManager[Snapshot]: ...

    def rebuild(
        self,
        path: Path | None,
        fingerprint: str,
        documents: Iterable[Document],
        seq: int,
        progress: Callable[[int], None] = ...,
    ) -> None:
        """Build anew beside what there is, then swap; needs no open index."""

    def upkeep(self) -> bool:
        """Tidy up when idle; True when something was done and more may be left."""

    def health(self) -> tuple[str, str]:
        """Return (ok | degraded | rebuild, reason in plain words)."""

    def close(self) -> None: ...


# -- what the core shows


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a snippet: text, never HTML."""

    text: str
    mark: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A shown result. ``matched`` says where: title, tag, text."""

    id: int
    name: str
    title: str
    snippet: tuple[Fragment, ...] = ()
    matched: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    kind: str = ""
    lang: str = ""
    updated: int = 0
    audience: str = "public"


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about how the query was understood: gettext id and its places."""

    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


@dataclass(frozen=True, slots=True)
class Results:
    """A page of results; ``total`` is the true number of visible hits."""

    text: str
    understood: str
    hits: tuple[Hit, ...] = ()
    total: int = 0
    page: int = 1
    pages: int = 1
    notes: tuple[Note, ...] = ()
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    did_you_mean: str | None = None
    also: tuple[str, ...] = ()
    current: bool = True


class Source(Protocol):
    """Where search gets pages from; the service implements it over the store."""

    def last_seq(self) -> int: ...

    def changes(self, after_seq: int, limit: int) -> list[tuple[int, int]]:
        """Return (seq, page id) of changes above ``after_seq``, oldest first.

        The id is 0 for a change that search need not hear of.
        """

    def documents(self, ids: Sequence[int]) -> dict[int, Document]:
        """Return documents of live pages, whatever their audience; others absent."""

    def ids(self, after: int, limit: int) -> list[int]:
        """Return live page ids above ``after``, for a rebuild."""

    def audiences(self, names: Sequence[str]) -> dict[str, str]:
        """Return {name: audience} of live pages: asked before hits are shown."""

    def titles(self, text: str, limit: int, sees: Sees) -> list[tuple[int, str, str]]:
        """Return (id, name, title) whose title or name holds ``text``: the fallback."""
