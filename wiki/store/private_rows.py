"""What the private database gives out: plain rows about people and their secrets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``has_password`` tells whether it can sign in by itself."""

    id: int
    name: str
    display: str
    role: str
    groups: frozenset[str]
    created: int
    closed: int | None
    has_password: bool
    # Since when they may only read, and since when they wait to be let in.
    blocked: int | None = None
    waiting: int | None = None

    @property
    def state(self) -> str:
        """One word: closed, waiting, blocked or open."""
        if self.closed is not None:
            return "closed"
        if self.waiting is not None:
            return "waiting"
        return "open" if self.blocked is None else "blocked"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """An account in a list; ``used_day`` is the last day it was used on."""

    user: User
    key: str
    used_day: int | None

    @property
    def last_used(self) -> int | None:
        """The start of that day; nothing finer is told."""
        return None if self.used_day is None else self.used_day * _DAY_MS


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group, with how many people are in it."""

    name: str
    about: str
    created: int
    members: int
    stewards: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Somebody in a group; ``key`` is what lists of members go on from."""

    id: int
    name: str
    key: str
    steward: bool


@dataclass(frozen=True, slots=True)
class Key:
    """What a session's or token's secret stands for, and until when."""

    user: User
    expires: int
    idle_until: int = 0
    used_day: int | None = None
    remember: bool = False
    scopes: str | None = None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as its owner sees it in a list; ``current`` is the one they use now."""

    hash: bytes
    user: int
    label: str
    created: int
    used_day: int
    remember: bool
    by_link: bool
    current: bool = False

    @property
    def last_used(self) -> int:
        """The start of the day it was last used on; nothing finer is told."""
        return self.used_day * _DAY_MS


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link that can be followed."""

    kind: str
    user: int | None
    role: str
    groups: frozenset[str]
    uses_left: int
    made_by: int | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its owner sees it in a list."""

    hash: bytes
    label: str
    scopes: frozenset[str]
    created: int
    expires: int
    used_day: int | None


def user_of(row: Row[Any]) -> User:
    return User(
        row.id,
        row.name,
        row.display,
        row.role,
        frozenset(json.loads(row.groups)),
        row.created,
        row.closed,
        row.password is not None,
        row.blocked,
        row.waiting,
    )


def person_row_of(row: Row[Any]) -> PersonRow:
    return PersonRow(user_of(row), row.name_key, row.used_day)


def session_of(row: Row[Any]) -> SessionRow:
    return SessionRow(
        row.hash,
        row.user,
        row.label,
        row.created,
        row.used_day,
        row.remember,
        row.by_link,
    )


def token_of(row: Row[Any]) -> TokenRow:
    return TokenRow(
        row.hash,
        row.label,
        frozenset(row.scopes.split()),
        row.created,
        row.expires,
        row.used_day,
    )
