"""Who belongs to what: each membership as both sides state it, and the tree of members.

Neither side overwrites the other, and nothing is averaged. A membership is hidden
when either page or either statement is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from . import dates
from .checks import is_level
from .directory import Directory, Side
from .projection import Projection, text_of

MAX_DEPTH = 30
MAX_NODES = 500
MAX_WALK = 5000

AGREED, DIFFER, GROUP_ONLY, COALITION_ONLY = "agreed", "differ", "group", "coalition"


@dataclass(frozen=True, slots=True)
class Statement:
    """What one side says of a membership; ``level`` is 0 to 5 or None."""

    level: int | None = None
    role: str = ""
    since: str = ""
    until: str = ""
    on: str = ""
    source: str = ""
    observer: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """A group in a coalition. ``name`` and ``title`` are of the other page.

    ``name`` is empty for a page that does not exist.
    """

    name: str
    title: str
    kind: str
    group: Statement | None
    coalition: Statement | None
    earlier: bool = False

    @property
    def agreement(self) -> str:
        if self.coalition is None:
            return GROUP_ONLY
        if self.group is None:
            return COALITION_ONLY
        same = self.group.level == self.coalition.level
        return AGREED if same else DIFFER

    @property
    def either(self) -> Statement:
        found = self.group or self.coalition
        assert found is not None
        return found

    @property
    def role(self) -> str:
        sides = (self.coalition, self.group)
        return next((side.role for side in sides if side and side.role), "")

    @property
    def level(self) -> int | None:
        return self.either.level


@dataclass(slots=True)
class Node:
    """A member in the tree; ``again`` marks one that was shown above already."""

    membership: Membership
    members: list[Node] = field(default_factory=list)
    again: bool = False
    deeper: bool = False


def coalitions_of(directory: Directory, group: Projection) -> list[Membership]:
    """Return what a group belongs to, present ones first."""
    key = directory.catalog.key(group.name)
    pairs = [(key, other, other) for other in directory.catalog.by_group.get(key, ())]
    return _memberships(directory, pairs)


def members_of(directory: Directory, coalition: Projection) -> list[Membership]:
    """Return the members of a coalition, present ones first."""
    key = directory.catalog.key(coalition.name)
    known = directory.catalog.by_coalition.get(key, ())
    return _memberships(directory, [(other, key, other) for other in known])


def _memberships(
    directory: Directory, pairs: Sequence[tuple[str, str, str]]
) -> list[Membership]:
    found: list[Membership] = []
    for group, coalition, other in pairs:
        if group != coalition and not directory.is_hidden(other):
            found += _between(directory, group, coalition, other)
    return sorted(found, key=lambda m: (m.earlier, -(m.level or 0), m.title.casefold()))


def _between(
    directory: Directory, group: str, coalition: str, other: str
) -> list[Membership]:
    """Return the rows of one group in one coalition, earlier ones apart."""
    ours = directory.sides(group, "memberships", "in").get(coalition, ())
    theirs = directory.sides(coalition, "members", "group").get(group, ())
    page = directory.at(other)
    found: list[Membership] = []
    for earlier in (False, True):
        sides = [
            [one for one in side if _is_earlier(directory, one.item) == earlier]
            for side in (ours, theirs)
        ]
        for left, right in zip_longest(*sides):
            # What one side keeps to itself is not shown by the other either.
            if any(side is not None and not side.visible for side in (left, right)):
                continue
            found.append(
                Membership(
                    page.name if page else "",
                    page.title if page else other,
                    page.kind if page else "",
                    _statement(left),
                    _statement(right),
                    earlier,
                )
            )
    return found


def _is_earlier(directory: Directory, item: Mapping[str, Any]) -> bool:
    return dates.is_past(item.get("until"), directory.today)


def _statement(side: Side | None) -> Statement | None:
    if side is None:
        return None
    item = side.item
    level = item.get("level")
    return Statement(
        level if is_level(level) else None,
        text_of(item.get("role"), ""),
        _written(item.get("since")),
        _written(item.get("until")),
        _written(item.get("on")),
        text_of(item.get("source"), ""),
        item.get("stated") == "observer",
    )


def _written(value: Any) -> str:
    return str(value) if dates.parse(value) else ""


# -- the tree: every record once, circles named


class Tree:
    """Present members with theirs inside; each record's own members once.

    At most ``MAX_NODES`` are shown; ``more`` counts direct members beyond that.
    """

    def __init__(self, directory: Directory, coalition: Projection) -> None:
        self._directory = directory
        self._seen = {directory.catalog.key(coalition.name)}
        self._left = MAX_NODES
        direct = [m for m in members_of(directory, coalition) if not m.earlier]
        self.more = max(0, len(direct) - self._left)
        self.nodes = self._branch(direct[: self._left], 1)

    def _branch(self, memberships: Sequence[Membership], depth: int) -> list[Node]:
        self._left -= len(memberships)
        nodes = [Node(membership) for membership in memberships]
        for node in nodes:
            name = node.membership.name
            page = self._directory.get(name) if name else None
            if page is not None:
                self._fill(node, page, depth)
        return nodes

    def _fill(self, node: Node, page: Projection, depth: int) -> None:
        key = self._directory.catalog.key(page.name)
        if key in self._seen:
            node.again = True
            return
        self._seen.add(key)
        inner = [m for m in members_of(self._directory, page) if not m.earlier]
        if inner and (depth >= MAX_DEPTH or len(inner) > self._left):
            node.deeper = True
        elif inner:
            node.members = self._branch(inner, depth + 1)


def circle(directory: Directory, start: str, into: Sequence[str]) -> list[str]:
    """Return the names along a circle that joining ``into`` would close, or nothing.

    ``start`` is the page being saved, ``into`` the pages it states it belongs to.
    """
    catalog = directory.catalog
    home = catalog.key(start)
    came: dict[str, str] = {}
    ahead = deque(catalog.key(one) for one in into)
    came.update((one, "") for one in ahead)
    while ahead and len(came) < MAX_WALK:
        key = ahead.popleft()
        if key == home:
            return [_title(directory, one) for one in _path(came, key, home)]
        page = directory.at(key)
        for above in coalitions_of(directory, page) if page else ():
            above_key = catalog.key(above.name)
            if above_key and above_key not in came:
                came[above_key] = key
                ahead.append(above_key)
    return []


def _path(came: Mapping[str, str], key: str, home: str) -> list[str]:
    path = [key]
    while came.get(path[-1]):
        path.append(came[path[-1]])
    return [home, *reversed(path)]


def _title(directory: Directory, key: str) -> str:
    page = directory.at(key)
    return page.title if page else key
