"""Pages, revisions and what a text says about its page."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .actor import PUBLIC

ERROR, WARNING = "error", "warning"
# The field of a problem that concerns those who write, not those who read.
WRITERS = "writers"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a draft that needs a look; an ``error`` stops the save.

    ``message`` is a gettext message id filled with ``params``; ``line`` counts from 1
    and is 0 where no line can be named.
    """

    level: str
    field: str
    message: str
    line: int = 0
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


@dataclass(frozen=True, slots=True)
class LinkTo:
    """A link of a page: the key of the name it leads to, and its kind (page, file)."""

    key: str
    kind: str = "page"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text says about its page: derived from the text, never the other way.

    ``audience`` is the text's own word (see ``model.audience``), "" where it has none;
    who reads the page then, and at most, is said by the rules of its area.
    """

    title: str
    kind: str = ""
    lang: str = ""
    audience: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[LinkTo, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One revision of a page, with what is true of the page now.

    ``rev`` is the opaque id of this revision, ``n`` its number within the page
    (from 1), ``head`` the id of the newest one. Times are milliseconds UTC.
    ``moved`` is the change number (seq) at which something that the rendering of this
    page depends on last changed: its text, or the existence of a page it links to.
    """

    id: int
    name: str
    key: str
    text: str
    rev: int
    n: int
    head: int
    title: str
    kind: str = ""
    lang: str = ""
    audience: str = PUBLIC
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    ts: int = 0
    author: str = ""
    author_id: int | None = None
    comment: str = ""
    moved: int = 0

    @property
    def is_head(self) -> bool:
        return self.rev == self.head


@dataclass(frozen=True, slots=True)
class Redirect:
    """An old name; ``name`` is where the page is now."""

    page_id: int
    name: str
    audience: str = PUBLIC


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page in a list: everything but its text."""

    id: int
    name: str
    key: str
    title: str
    kind: str = ""
    lang: str = ""
    audience: str = PUBLIC
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    mtime: int = 0
    author: str = ""
    rev: int = 0
    n: int = 0
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Revision:
    """A row of a page's history; ``size`` and ``delta`` are in bytes of UTF-8."""

    id: int
    page: int
    n: int
    seq: int
    ts: int
    author: str
    author_id: int | None
    comment: str
    origin: str
    size: int
    delta: int = 0
    minor: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the change feed, joined with its commit and its page as it is now.

    ``kind`` is one of put, rename, delete, restore, audience, author (its author has
    another name), setting. ``detail`` holds ``created`` (bool) and ``n`` for a put,
    ``from`` and ``to`` for a rename. ``txn`` is the commit: one for all that was
    changed in one action.
    """

    seq: int
    kind: str
    page: int | None
    rev: int | None
    ts: int
    author: str
    author_id: int | None
    comment: str
    origin: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    title: str = ""
    audience: str = PUBLIC
    delta: int = 0
    txn: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person wants a page to be: whole source text, front matter included."""

    name: str
    text: str
    comment: str = ""
    minor: bool = False


# Bases that are not a revision id.
NEW: Literal["new"] = "new"
ANY: Literal["any"] = "any"
Base = int | Literal["new", "any"]


@dataclass(frozen=True, slots=True)
class Put:
    """Write a text: ``page`` is an id, or a name for a new page (base NEW)."""

    page: int | str
    text: str
    base: Base
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Rename:
    page: int
    new_name: str
    base: Base
    leave_redirect: bool = True


@dataclass(frozen=True, slots=True)
class Delete:
    page: int
    base: Base


@dataclass(frozen=True, slots=True)
class Restore:
    """Make the text of an older revision (or of a deleted page) the newest one."""

    page: int
    rev: int
    base: Base


Op = Put | Rename | Delete | Restore


@dataclass(frozen=True, slots=True)
class CommitResult:
    """``revs`` has one revision id per op (0 where an op makes none); ``pages`` too.

    ``unchanged`` is true when nothing had to be written. ``notices`` are sentences.
    """

    seqs: tuple[int, ...]
    revs: tuple[int, ...]
    pages: tuple[int, ...]
    notices: tuple[str, ...] = ()
    unchanged: bool = False
