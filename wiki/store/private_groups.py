"""Groups in the private database: what they are called, who is in them, who steers."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from .private_base import PrivateRows
from .private_people import OPEN
from .private_rows import GroupRow, MemberRow
from .private_tables import group, link, membership, user

_MEMBERS = func.count(user.c.id)
_STEWARDS = func.count(user.c.id).filter(membership.c.steward)
_GROUPS = (
    select(group.c.name, group.c.about, group.c.created, _MEMBERS, _STEWARDS)
    .join_from(group, membership, membership.c.group == group.c.name, isouter=True)
    .join(user, and_(user.c.id == membership.c.user, OPEN), isouter=True)
    .group_by(group.c.name)
    .order_by(group.c.name_key)
)


class GroupRows(PrivateRows):
    """Groups. Who may change them is decided by ``wiki.accounts``."""

    def group_rows(self) -> list[GroupRow]:
        """Return all groups by name, with how many people are in each."""
        return [GroupRow(*row) for row in self._all(_GROUPS, None)]

    def group(self, name_key: str, at: Connection | None = None) -> GroupRow | None:
        row = self._one(_GROUPS.where(group.c.name_key == name_key), at)
        return GroupRow(*row) if row else None

    def groups_of(self, user_id: int) -> list[tuple[GroupRow, bool]]:
        """Return the groups of an account, and whether it is a steward of each."""
        mine = membership.alias("mine")
        query = (
            _GROUPS.add_columns(mine.c.steward)
            .join(mine, and_(mine.c.group == group.c.name, mine.c.user == user_id))
            .group_by(mine.c.steward)
        )
        return [(GroupRow(*row[:5]), bool(row[5])) for row in self._all(query, None)]

    def place(
        self, user_id: int, name: str, at: Connection | None = None
    ) -> tuple[bool, bool]:
        """Return whether an account is in a group, and whether as its steward."""
        query = select(membership.c.steward).where(
            membership.c.user == user_id, membership.c.group == name
        )
        row = self._one(query, at)
        return row is not None, bool(row and row.steward)

    def members(
        self, name: str, *, search: str = "", after: str = "", limit: int = 50
    ) -> list[MemberRow]:
        """Return who is in a group, by the key of their name, above ``after``."""
        query = (
            select(user.c.id, user.c.name, user.c.name_key, membership.c.steward)
            .join_from(membership, user, user.c.id == membership.c.user)
            .where(membership.c.group == name, OPEN, user.c.name_key > after)
        )
        if search:
            query = query.where(user.c.name_key.contains(search, autoescape=True))
        query = query.order_by(user.c.name_key).limit(limit)
        return [MemberRow(*row) for row in self._all(query, None)]

    # -- writing

    def add_group(self, at: Connection, **values: Any) -> None:
        at.execute(insert(group).values(**values))

    def describe_group(self, at: Connection, name: str, about: str) -> None:
        at.execute(update(group).where(group.c.name == name).values(about=about))

    def remove_group(self, at: Connection, name: str) -> None:
        """Remove a group, its memberships, and itself from open invitations."""
        at.execute(delete(membership).where(membership.c.group == name))
        at.execute(delete(group).where(group.c.name == name))
        offers = select(link.c.hash, link.c.groups).where(link.c.groups != "[]")
        for key, text in at.execute(offers).all():
            given = json.loads(text)
            if name in given:
                left = json.dumps([it for it in given if it != name])
                at.execute(update(link).where(link.c.hash == key).values(groups=left))

    def put_into(self, at: Connection, user_id: int, name: str) -> bool:
        """Put an account into a group; tell whether it was not in it before."""
        if self.place(user_id, name, at)[0]:
            return False
        at.execute(insert(membership).values(user=user_id, group=name))
        return True

    def take_out(self, at: Connection, user_id: int, name: str) -> bool:
        """Take an account out of a group; tell whether it was in it."""
        row = and_(membership.c.user == user_id, membership.c.group == name)
        return at.execute(delete(membership).where(row)).rowcount > 0

    def set_steward(
        self, at: Connection, user_id: int, name: str, steward: bool
    ) -> bool:
        """Make a member a steward, or no longer; tell whether that changed anything."""
        row = and_(
            membership.c.user == user_id,
            membership.c.group == name,
            membership.c.steward != steward,
        )
        change = update(membership).where(row).values(steward=steward)
        return at.execute(change).rowcount > 0
