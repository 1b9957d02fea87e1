"""What a commit needs of its tables: one set of rows, whatever holds them.

`wiki.store.applying` writes through this interface, so that every store follows the
same rules; a store only says how a row is read and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from wiki.model.page import CommitResult, Facts
from wiki.model.rules import Rule, Rules

PUBLISHED, PROPOSED, MERGED = "published", "proposed", "merged"
CURRENT, REDIRECT = "current", "redirect"


class Sig(NamedTuple):
    """What one stat says about a file; equal means untouched."""

    mtime_ns: int
    size: int
    ino: int


NO_FILE = Sig(0, -1, 0)


@dataclass(slots=True)
class PageRec:
    """A row of the page table, changed in place while a commit is under way."""

    id: int
    name: str
    name_key: str
    path: str
    head_rev: int = 0
    head_n: int = 0
    last_n: int = 0
    text_hash: bytes = b""
    size: int = 0
    title: str = ""
    lang: str = ""
    kind: str = ""
    audience: str = ""
    own: str = ""
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    mtime: int = 0
    mtime_author: str = ""
    moved: int = 0
    deleted_seq: int | None = None
    file_hash: bytes | None = None
    file_seq: int = 0
    sig: Sig = NO_FILE
    pending: bool = False
    old_paths: tuple[str, ...] = ()

    @property
    def deleted(self) -> bool:
        return self.deleted_seq is not None

    def copy(self) -> PageRec:
        return replace(self)


class Ruled(NamedTuple):
    """What rules ask of a page."""

    id: int
    key: str
    kind: str
    own: str
    audience: str
    head_rev: int


class NameRec(NamedTuple):
    """Who holds a name."""

    page: int
    kind: str
    display: str


@dataclass(frozen=True, slots=True)
class NewRevision:
    """A revision to be written; its id is given by the rows."""

    page: int
    n: int
    base: int | None
    seq: int
    ts: int
    author_id: int | None
    author_name: str
    comment: str
    minor: bool
    origin: str
    audience: str
    state: str
    text_hash: bytes
    size: int
    delta: int
    # None: removed for good.
    body: bytes | None


class RevisionRec(NamedTuple):
    """The part of a stored revision that a commit looks at."""

    id: int
    page: int
    n: int
    state: str
    seq: int
    text_hash: bytes


class NewChange(NamedTuple):
    seq: int
    kind: str
    page: int | None
    rev: int | None
    audience: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewTxn:
    id: int
    ts: int
    author_id: int | None
    author_name: str
    comment: str
    origin: str
    idem_key: str | None
    sent: str
    result: CommitResult


class Rows(Protocol):
    """The rows of one transaction."""

    def counter(self) -> int: ...
    def set_counter(self, n: int) -> None: ...
    def answered(self, idem_key: str) -> tuple[CommitResult, str] | None: ...
    def page(self, page_id: int) -> PageRec | None: ...
    def held(self, key: str) -> NameRec | None: ...
    def names_of(self, page_id: int) -> list[str]: ...
    def park(self, page_ids: Sequence[int]) -> None:
        """Free the names and paths of pages that are being renamed."""

    def insert_page(self, rec: PageRec) -> int: ...
    def update_pages(self, recs: Sequence[PageRec]) -> None: ...
    def set_name(self, key: str, name: NameRec) -> None: ...
    def drop_name(self, key: str) -> None: ...
    def add_revision(self, revision: NewRevision) -> int: ...
    def revision(self, rev_id: int) -> RevisionRec | None: ...
    def text(self, rev_id: int) -> str: ...
    def rules_on(self, key: str) -> Rules:
        """Return the rules that can have a say about a page."""

    def all_rules(self) -> Rules: ...
    def put_rule(self, key: str, rule: Rule | None) -> None:
        """Write the rule of an area, or remove it."""

    def below(self, area_key: str) -> list[Ruled]:
        """Return the pages of an area, deleted ones too."""

    def set_audiences(self, changed: Sequence[tuple[Ruled, str]], seq: int) -> None:
        """Give pages and their newest versions another audience.

        What links to them counts as moved, too.
        """

    def note_audience(self, audience: str) -> bool:
        """Keep an audience of several parts; tell whether it is a new one."""

    def set_derived(self, rec: PageRec, facts: Facts | None, fresh: bool) -> None: ...
    def mark_moved(self, keys: Iterable[str], seq: int) -> None: ...
    def set_topics(self, names: Iterable[str], seq: int) -> None: ...
    def add_txn(self, txn: NewTxn, changes: Sequence[NewChange]) -> None: ...
