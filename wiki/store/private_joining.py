"""Rows about joining: invitations, people who wait, addresses for mail, identities.

Writing methods take the connection of one transaction, so that a check and its write
are one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, select

from .private_base import PrivateRows
from .private_people import INSIDE, OPEN
from .private_tables import group, identity, link, membership, user

JOIN, RESET = "join", "reset"

_WAITS = and_(OPEN, user.c.waiting.is_not(None))
_INVITATIONS = (
    select(link, user.c.display.label("maker"))
    .outerjoin(user, user.c.id == link.c.made_by)
    .where(link.c.kind == JOIN)
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as its maker sees it in a list; ``hash`` stands for its secret."""

    hash: bytes
    label: str
    role: str
    groups: tuple[str, ...]
    uses_left: int
    made_by: int | None
    maker: str
    created: int
    expires: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who asked to join; ``asked`` is what they wrote about themselves."""

    id: int
    name: str
    asked: str
    since: int


class JoiningRows(PrivateRows):
    """Rows about joining in the private database."""

    # -- invitations

    def invitations(self, now: int, made_by: int | None = None) -> list[Invitation]:
        """Return the invitations that can be followed, newest first."""
        query = _INVITATIONS.where(link.c.expires > now, link.c.uses_left > 0)
        if made_by is not None:
            query = query.where(link.c.made_by == made_by)
        query = query.order_by(link.c.created.desc(), link.c.hash)
        return [_invitation(row) for row in self._all(query, None)]

    def invitation(self, at: Connection, hashed: bytes) -> Invitation | None:
        row = self._one(_INVITATIONS.where(link.c.hash == hashed), at)
        return None if row is None else _invitation(row)

    def drop_link(self, at: Connection, hashed: bytes) -> None:
        at.execute(delete(link).where(link.c.hash == hashed))

    def has_link(self, at: Connection, hashed: bytes) -> bool:
        return (
            self._one(select(link.c.hash).where(link.c.hash == hashed), at) is not None
        )

    def open_resets(self, at: Connection, user_id: int, now: int) -> int:
        """Return how many links to a new password an account has, not yet followed."""
        query = select(func.count()).where(
            link.c.kind == RESET, link.c.user == user_id, link.c.expires > now
        )
        return self._number(query, at)

    def drop_resets(self, at: Connection, user_id: int) -> None:
        at.execute(delete(link).where(link.c.kind == RESET, link.c.user == user_id))

    # -- groups

    def group_names(self, at: Connection | None = None) -> list[str]:
        """Return the names of all groups."""
        query = select(group.c.name).order_by(group.c.name_key)
        return [row.name for row in self._all(query, at)]

    def groups_looked_after(
        self, user_id: int, at: Connection | None = None
    ) -> list[str]:
        """Return the groups that an account is a steward of."""
        query = (
            select(membership.c.group)
            .where(membership.c.user == user_id, membership.c.steward)
            .order_by(membership.c.group)
        )
        return [row[0] for row in self._all(query, at)]

    # -- people who wait

    def waiting(self, at: Connection | None = None) -> list[Waiting]:
        """Return who waits to be let in; who asked first comes first."""
        query = select(user).where(_WAITS).order_by(user.c.waiting, user.c.id)
        return [
            Waiting(row.id, row.name, row.asked or "", row.waiting)
            for row in self._all(query, at)
        ]

    def count_waiting(self, at: Connection | None = None) -> int:
        return self._number(select(func.count()).select_from(user).where(_WAITS), at)

    # -- addresses for mail

    def email_of(self, user_id: int) -> str:
        row = self._one(select(user.c.email).where(user.c.id == user_id), None)
        return "" if row is None else row.email or ""

    def by_email(self, email: str, limit: int) -> list[int]:
        """Return the accounts with an address that are let in, case aside."""
        query = (
            select(user.c.id)
            .where(func.lower(user.c.email) == email.lower(), INSIDE)
            .order_by(user.c.id)
            .limit(limit)
        )
        return [int(row.id) for row in self._all(query, None)]

    # -- who somebody is at a provider

    def user_of(
        self, issuer: str, subject: str, at: Connection | None = None
    ) -> int | None:
        query = select(identity.c.user).where(
            identity.c.issuer == issuer, identity.c.subject == subject
        )
        row = self._one(query, at)
        return None if row is None else int(row.user)

    def has_identity(
        self, user_id: int, issuer: str, at: Connection | None = None
    ) -> bool:
        query = select(func.count()).where(
            identity.c.user == user_id, identity.c.issuer == issuer
        )
        return self._number(query, at) > 0

    def add_identity(
        self, at: Connection, issuer: str, subject: str, user_id: int
    ) -> None:
        at.execute(
            identity.insert().values(issuer=issuer, subject=subject, user=user_id)
        )

    def drop_identities(self, at: Connection, user_id: int, issuer: str) -> None:
        at.execute(
            delete(identity).where(
                identity.c.user == user_id, identity.c.issuer == issuer
            )
        )

    def _number(self, query: Any, at: Connection | None) -> int:
        row = self._one(query, at)
        return 0 if row is None else int(row[0])


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        row.hash,
        row.label,
        row.role,
        tuple(json.loads(row.groups)),
        row.uses_left,
        row.made_by,
        row.maker or "",
        row.created,
        row.expires,
    )
