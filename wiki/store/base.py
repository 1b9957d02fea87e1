"""The one interface of every store; the conformance suite is its other half.

Synchronous and thread-safe. Reading methods take ``sees``: the audiences the reader
may see, or None for everything. What lies outside it is answered exactly like what
does not exist. Listing methods filter in the query and page by key; none returns
all pages. See ``wiki.access.Reader`` for the store as one actor sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from wiki.model.actor import Sees
from wiki.model.acts import FORMER
from wiki.model.page import (
    Base,
    Change,
    CommitResult,
    Facts,
    Op,
    Page,
    PageRow,
    Redirect,
    Revision,
)
from wiki.model.redaction import Places, Redaction
from wiki.model.rules import Rule, Rules

from .read_only import ReadOnlyFlag

# Says what a text says about its page: describe(name, text). Injected, because the
# store may not know Markdown. Must not raise: a fault in the text is not a fault
# of the store.
Describe = Callable[[str, str], Facts]
# Merges three texts by paragraph; None where both changed the same part.
Merge = Callable[[str, str, str], str | None]

# Spelled out here because `list` names a method within the class.
PageRows = list[PageRow]
Changes = list[Change]
Revisions = list[Revision]
Counted = list[tuple[str, int]]
Ids = list[int]
Audiences = list[str]
Effect = dict[tuple[str, str], int]

MAX_LIMIT = 500
MAX_PAGE_BYTES = 256 * 1024
MAX_OPS = 5000


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a look at the pages folder found; ``problems`` maps path to sentence."""

    added: int = 0
    changed: int = 0
    renamed: int = 0
    deleted: int = 0
    unchanged: int = 0
    problems: Mapping[str, str] = field(default_factory=dict)
    # The sentence of S-17 when too many files were missing and nothing was deleted.
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """Who commits: the account id and the public name at that time."""

    id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A file beside pages: an image or another attachment."""

    page: str
    name: str
    size: int
    mtime: int


Besides = list[Beside]


@dataclass(frozen=True, slots=True)
class ChangesOf:
    """Which changes of pages: one of ``page``, ``author_id`` and ``txn`` is given.

    ``before`` is a seq to go on below, ``since`` a time in ms. ``sees`` is as in
    every list: what is or was for others is left out.
    """

    page: int | None = None
    author_id: int | None = None
    txn: int | None = None
    kinds: tuple[str, ...] = ("put", "rename", "delete", "restore")
    before: int | None = None
    since: int = 0
    limit: int = 50
    sees: Sees = None

    def __post_init__(self) -> None:
        if (self.page, self.author_id, self.txn).count(None) != 2:
            raise ValueError("say one of page, author_id and txn")


class Store(Protocol):
    # While it is on, every writing method but ``settle`` raises ReadOnlyForNow.
    read_only: ReadOnlyFlag

    # -- one page
    def get(
        self, ref: str | int, rev: int | None = None, *, sees: Sees = None
    ) -> Page | Redirect:
        """Return a page by name or id; ``rev`` is the number within the page.

        Takes in an outside edit first, if the file changed (one stat). Raises
        NotFound (also for what may not be seen, and for a missing ``rev``), Gone (a
        deleted page that may be seen), BadName, Expunged, CorruptData. A version
        from when the page was for others than ``sees`` is not found.
        """

    def head(self, ref: str | int) -> tuple[int, int, int] | None:
        """Return (id, head revision id, mtime) or None; no text is read."""

    def heads(self, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Return {id: (head revision id, mtime)}; missing ids are absent."""

    def exists(self, keys: Iterable[str], *, sees: Sees = None) -> dict[str, PageRow]:
        """Return the live pages the keys lead to (redirects followed), in one query."""

    def file_stamp(self, page_id: int) -> tuple[str, int, int, int] | None:
        """Return (absolute path, mtime_ns, size, inode) as last taken in, or None.

        Lets a cache in front of the store notice an outside edit with one stat.
        """

    # -- lists
    def list(
        self,
        *,
        prefix: str = "",
        tag: str | None = None,
        kind: str | None = None,
        after_key: str = "",
        limit: int = 50,
        include_deleted: bool = False,
        sees: Sees = None,
    ) -> tuple[PageRows, str | None]:
        """Return pages in key order and the key to go on from, None at the end."""

    def records(
        self,
        kind: str,
        where: Mapping[str, str] | None = None,
        *,
        after_key: str = "",
        limit: int = 100,
        sees: Sees = None,
    ) -> tuple[PageRows, str | None]:
        """Return pages of one type whose front matter fields hold given values."""

    def ids(self, after: int, limit: int) -> Ids:
        """Return ids of live pages above ``after``, ascending."""

    def find_titles(self, text: str, limit: int = 20, *, sees: Sees = None) -> PageRows:
        """Return live pages whose title or name holds ``text``, folded: a fallback."""

    def stamps(self) -> dict[str, int]:
        """Return {topic: seq of its last change}, a handful of rows.

        Topics: ``records:<page type>``, ``pages`` (names that came or went), ``rules``
        and ``audiences``.
        """

    def history(
        self,
        page_id: int,
        *,
        before: int | None = None,
        limit: int = 50,
        sees: Sees = None,
    ) -> Revisions:
        """Return revisions newest first, below number ``before``.

        Those from when the page was for others than ``sees`` are left out.
        """

    def revision_text(self, rev_id: int) -> str:
        """Return the text of a revision id; NotFound, Expunged, CorruptData."""

    def recent(
        self,
        *,
        before_seq: int | None = None,
        limit: int = 50,
        prefix: str = "",
        author: str | None = None,
        sees: Sees = None,
    ) -> Changes:
        """Return page changes newest first, filtered by the audience of the page."""

    def changes_of(self, wanted: ChangesOf) -> Changes:
        """Return changes of one page, by one account or of one commit, newest first."""

    def backlinks(
        self, page_id: int, *, after_key: str = "", limit: int = 50, sees: Sees = None
    ) -> PageRows:
        """Return live pages that link to a page by any of its names."""

    def using_file(self, key: str, limit: int = 1, *, sees: Sees = None) -> PageRows:
        """Return live pages that show or link to the file with a key."""

    def wanted(self, limit: int = 50, *, sees: Sees = None) -> Counted:
        """Return (key, number of pages linking to it) for names without a page."""

    def orphans(self, limit: int = 50, *, sees: Sees = None) -> PageRows:
        """Return pages that no other page links to."""

    def tags(self, *, sees: Sees = None, limit: int = 500) -> Counted:
        """Return (tag, number of live pages), most used first."""

    def audience_counts(self, limit: int = 500) -> Counted:
        """Return (audience, number of live pages), most used first."""

    # -- writing
    def commit(
        self,
        ops: Sequence[Op],
        author: Author,
        *,
        comment: str = "",
        origin: str = "web",
        idempotency_key: str | None = None,
        ts: int | None = None,
    ) -> CommitResult:
        """Write all of ``ops`` or none, durably, with compare-and-swap per page.

        Raises Conflict (all three texts), NameTaken, NotFound, BadName, TooLarge,
        NotText, Busy, NoSpace, ReadOnly. ``ANY`` only with origin git or import.
        """

    def forget_author(
        self, author_id: int, instead: str = FORMER, *, keep_id: bool = False
    ) -> int:
        """Put ``instead`` in the place of an author's name, in all versions.

        Their id goes from them as well, unless ``keep_id``. What stood there is in no
        free page and no log of the database any more. Returns the number of pages
        whose newest text it was on. Raises Busy, NoSpace, ReadOnly.
        """

    # -- removing for good
    def find_value(self, redaction: Redaction, under: str = "") -> Places:
        """Return where a value stands, below a name ``under`` if one is given.

        Raises NotErasable where erasing it would change who reads what.
        """

    def erase_value(
        self,
        redaction: Redaction,
        author: Author,
        under: str = "",
        *,
        files: bool = False,
    ) -> Places:
        """Erase a value from texts, old versions, names, words and files beside pages.

        ``files``: files that hold it and are no text are removed. Works while the wiki
        is read-only. Raises NotErasable, Busy, NoSpace, ReadOnly; nothing is erased
        then.
        """

    def expunge(self, page_name: str, n: int, author: Author) -> None:
        """Remove the text of one older version for good; its row stays.

        Raises NotFound, BadName, NotErasable for the newest version.
        """

    # -- rules on areas
    def rules(self) -> Rules:
        """Return all rules on areas."""

    def set_rule(self, area: str, rule: Rule | None, author: Author) -> int:
        """Put a rule in an area's place, or none; return how many pages it changed.

        The pages' audiences are theirs from this moment on, in every query.
        """

    def rule_effect(self, area: str, rule: Rule | None) -> Effect:
        """Return {(audience, new audience): pages} that setting a rule would change."""

    def audiences(self) -> Audiences:
        """Return the audiences of several parts that any page or version ever had."""

    # -- the change feed
    def last_seq(self) -> int: ...

    def change_mark(self) -> int:
        """Return a number that differs when anything was committed by any process.

        As cheap as the engine allows (SQLite: PRAGMA data_version plus own commits).
        """

    def changes(
        self, after_seq: int, limit: int = 500, *, sees: Sees = None
    ) -> Changes:
        """Return feed rows above ``after_seq``, oldest first, gap-free.

        With ``sees``, those about pages that the reader may see, and that were for
        them when they were made.
        """

    def wait(self, after_seq: int, timeout: float) -> bool:
        """Wait until the feed is beyond ``after_seq``; False when time is up."""

    def checkpoint(self, consumer: str) -> int: ...

    def advance(self, consumer: str, from_seq: int, to_seq: int) -> None:
        """Move a checkpoint; Conflict when ``from_seq`` is stale."""

    # -- files beside pages
    def beside(self, page_name: str) -> Besides: ...

    def open_beside(self, page_name: str, file_name: str) -> BinaryIO:
        """Open a file beside a page for reading; NotFound, BadName."""

    def put_beside(self, page_name: str, file_name: str, data: BinaryIO) -> None:
        """Write a file durably (temporary file, fsync, rename); BadName, TooLarge."""

    # -- upkeep
    def scan(
        self, paths: Sequence[str] | None = None, *, accept_missing: bool = False
    ) -> ScanReport:
        """Take in outside edits. A store without files returns an empty report.

        ``accept_missing``: a person has confirmed that many files are gone for good.
        """

    def write_missing(self) -> int:
        """Write all files that are gone from the pages folder anew; return how many."""

    def settle(self) -> int:
        """Fsync and clear what is pending; return how many rows are left."""

    def problems(self) -> dict[str, str]:
        """Return {path: sentence} for files that cannot be taken in."""

    def counts(self) -> dict[str, Any]:
        """Return {"pages": n, "revisions": n, "pending": n} for the status page."""

    def close(self) -> None: ...


__all__ = [
    "MAX_LIMIT",
    "MAX_OPS",
    "MAX_PAGE_BYTES",
    "Author",
    "Base",
    "Beside",
    "ChangesOf",
    "Describe",
    "Merge",
    "ScanReport",
    "Store",
]
