"""The plain dataclasses that plugins and the core hand to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .actor import PUBLIC, Sees
from .page import Problem

# A token of the tree: {"type": ..., "children": [...], "raw": ..., "attrs": {...}}
Token = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link of a page leads; ``exists`` false draws it as not yet written."""

    url: str
    title: str = ""
    exists: bool = True


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """A heading: level 1 to 6, the id its section carries, its text."""

    level: int
    id: str
    text: str


@dataclass(slots=True)
class PageContext:
    """What a pass over a page may know, and where it leaves what it found.

    ``sees`` is what the readers of this rendering may see: look nothing up beyond
    it. ``data`` is kept with the cached HTML, under the plugin's name, for panels;
    only JSON types. ``preview`` is true for a draft that is not stored.
    """

    name: str
    title: str = ""
    kind: str = ""
    lang: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    sees: Sees = frozenset({PUBLIC})
    preview: bool = False
    data: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """Safe HTML of a revision for a set of audiences, and what came with it.

    ``depends`` maps topics (see Store.stamps) to the stamp that the rendering saw.
    """

    html: str
    outline: tuple[OutlineItem, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    depends: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """A page of a type as structured data; ``fields`` is its front matter."""

    id: int
    name: str
    title: str
    fields: Mapping[str, Any]
    lang: str = ""
    audience: str = PUBLIC
    tags: tuple[str, ...] = ()
    updated: int = 0
    rev: int = 0


FieldKind = Literal[
    "text", "long", "choice", "number", "boolean", "date", "list", "page", "url", "map"
]


@dataclass(frozen=True, slots=True)
class Field:
    """A front matter field of a page type.

    ``choices`` are allowed values (of items, where ``repeat``); ``limit`` is the
    largest number of characters of a text. ``check`` returns problems of a value.
    ``item_audience`` returns the audience of an item of a list that names none itself;
    it must take an item of any shape.
    """

    name: str
    kind: FieldKind = "text"
    label: str = ""
    help: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    audience: str = PUBLIC
    repeat: bool = False
    limit: int = 0
    check: Callable[[Any], Sequence[Problem]] | None = None
    item_audience: Callable[[Any], str] | None = None


@dataclass(frozen=True, slots=True)
class FrontLimits:
    """Caps of a front matter block: bytes, keys or values in all, nesting depth."""

    size: int = 8 * 1024
    values: int = 64
    depth: int = 3


@dataclass(frozen=True, slots=True)
class PageType:
    """A kind of page: its fields, template and what a new one starts with.

    ``index`` false keeps its pages from search engines, unless the site or the page's
    own front matter (``index: true``) says otherwise.
    """

    name: str
    label: str
    fields: tuple[Field, ...] = ()
    template: str = ""
    icon: str = ""
    starter: str = ""
    limits: FrontLimits = FrontLimits()
    index: bool = True


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the main navigation; ``endpoint`` is a Flask endpoint."""

    label: str
    endpoint: str
    group: str = "main"
    weight: int = 50


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do with a page, shown in its row of actions."""

    label: str
    endpoint: str
    method: Literal["get", "post"] = "get"
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A block beside, above or below a page; the template is the plugin's own."""

    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    weight: int = 50


@dataclass(frozen=True, slots=True)
class Asset:
    """A style sheet or script in the plugin's static folder."""

    kind: Literal["css", "js"]
    path: str


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a directive, written as a line ``:name: value`` below its first.

    Kinds: ``text``, ``number`` (a whole one), ``boolean`` (yes, no, or nothing for
    yes) and ``choice``. ``limit`` is the largest number of characters of a text.
    """

    name: str
    kind: Literal["text", "number", "boolean", "choice"] = "text"
    default: Any = ""
    choices: tuple[str, ...] = ()
    limit: int = 500


class SafeHtml(str):
    """HTML that the wiki made itself: a template shows it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class Alternate:
    """Another form of what is shown, named in its head: a feed, for example.

    ``url`` is an address of this wiki and begins with one slash.
    """

    url: str
    media_type: str
    title: str = ""


# Takes argument, options, body and page; returns the name of a template and what the
# template is given.
DrawDirective = Callable[
    [str, Mapping[str, Any], str, PageContext], tuple[str, Mapping[str, Any]]
]


@dataclass(frozen=True, slots=True)
class Directive:
    """A part of a page that a plugin draws, written as a fence with ``{name}``.

    ``body`` is ``text``, given to ``render`` as it was written, or ``markdown``: laid
    out like the page itself, and given as HTML that a template may show. With
    ``search``, a text body can be found by its words; with ``fence``, code fences of
    that language are this directive too. ``render`` is called once for all readers
    who see the same, and what it leaves in ``page.data[<plugin>]`` is kept.
    """

    name: str
    options: tuple[Option, ...]
    render: DrawDirective
    body: Literal["text", "markdown"] = "text"
    argument: Literal["none", "optional", "required"] = "optional"
    search: bool = False
    fence: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """A right; roles from ``least`` upwards have it."""

    name: str
    label: str
    least: str


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every ``every`` seconds (10 at least), behind the requests."""

    name: str
    every: float
    run: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Check:
    """A health check; ``run`` returns (ok | warning | failing, a sentence)."""

    name: str
    run: Callable[[], tuple[str, str]]
