"""Accounts in the private database: one, some of them in a list, how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from .private_base import PrivateRows
from .private_rows import PersonRow, User, person_row_of, user_of
from .private_tables import link, membership, session, user

# Groups of the row's user, as a JSON list.
GROUPS = (
    select(func.json_group_array(membership.c.group))
    .where(membership.c.user == user.c.id)
    .scalar_subquery()
    .label("groups")
)
OPEN = user.c.closed.is_(None)
# Whoever has an account here and was let in; the index of accounts says the same.
INSIDE = and_(OPEN, user.c.waiting.is_(None))
USERS = select(user, GROUPS)

# What a column of ids can hold; an address may ask for any number.
_HIGHEST_ID = 2**63 - 1
_LAST_DAY = (
    select(func.max(session.c.used_day))
    .where(session.c.user == user.c.id)
    .scalar_subquery()
    .label("used_day")
)
_PEOPLE = select(user, GROUPS, _LAST_DAY)
_STATES: dict[str, ColumnElement[bool]] = {
    "open": and_(INSIDE, user.c.blocked.is_(None)),
    "blocked": and_(INSIDE, user.c.blocked.is_not(None)),
    "waiting": and_(OPEN, user.c.waiting.is_not(None)),
    "closed": user.c.closed.is_not(None),
}
STATES = tuple(_STATES)


class PeopleRows(PrivateRows):
    """Who there is. Who may do what is decided by ``wiki.accounts``."""

    def user(self, ref: int | str, at: Connection | None = None) -> User | None:
        """Return an account by id or key of its name; closed ones too."""
        if isinstance(ref, int) and ref > _HIGHEST_ID:
            return None
        column = user.c.id if isinstance(ref, int) else user.c.name_key
        row = self._one(USERS.where(column == ref), at)
        return user_of(row) if row else None

    def users(self) -> list[User]:
        return [user_of(row) for row in self._all(USERS.order_by(user.c.id), None)]

    def people(
        self,
        *,
        search: str = "",
        role: str = "",
        state: str = "",
        after: str = "",
        limit: int = 50,
    ) -> list[PersonRow]:
        """Return accounts by the key of their name, above ``after``.

        ``search`` is part of such a key; ``state`` one of STATES, "" for any.
        """
        query = _PEOPLE.where(user.c.name_key > after)
        if search:
            query = query.where(user.c.name_key.contains(search, autoescape=True))
        if role:
            query = query.where(user.c.role == role)
        if state:
            query = query.where(_STATES[state])
        query = query.order_by(user.c.name_key).limit(limit)
        return [person_row_of(row) for row in self._all(query, None)]

    def person(self, user_id: int) -> PersonRow | None:
        if user_id > _HIGHEST_ID:
            return None
        row = self._one(_PEOPLE.where(user.c.id == user_id), None)
        return person_row_of(row) if row else None

    def password_of(self, user_id: int, at: Connection | None = None) -> str | None:
        row = self._one(select(user.c.password).where(user.c.id == user_id), at)
        return None if row is None else row.password

    def admins(self, at: Connection | None = None) -> list[User]:
        """Return who can run the wiki, oldest first: not closed, blocked or waiting."""
        query = USERS.where(user.c.role == "admin", INSIDE, user.c.blocked.is_(None))
        return [user_of(row) for row in self._all(query.order_by(user.c.id), at)]

    # -- how many

    def count_by_role(self) -> dict[str, int]:
        """Return {role: number of people who have an account and were let in}."""
        query = select(user.c.role, func.count()).where(INSIDE).group_by(user.c.role)
        return {role: number for role, number in self._all(query, None)}

    def count_by_state(self) -> dict[str, int]:
        """Return {state: number of accounts}."""
        numbers = [func.count().filter(it).label(name) for name, it in _STATES.items()]
        row = self._one(select(*numbers).select_from(user), None)
        return {} if row is None else dict(row._mapping)

    # -- writing

    def add_user(self, at: Connection, groups: Iterable[str], **values: Any) -> int:
        """Add an account, with values by column; return its id."""
        found = at.execute(user.insert().values(**values))
        key: Any = found.inserted_primary_key
        user_id = int(key[0])
        self.set_groups(at, user_id, groups)
        return user_id

    def change_user(self, at: Connection, user_id: int, **values: Any) -> None:
        at.execute(update(user).where(user.c.id == user_id).values(**values))

    def remove_user(self, at: Connection, user_id: int) -> None:
        """Remove an account with everything that hangs on it; its id is never reused.

        The invitations it made end, too.
        """
        at.execute(delete(link).where(link.c.made_by == user_id))
        at.execute(delete(user).where(user.c.id == user_id))

    def set_groups(self, at: Connection, user_id: int, groups: Iterable[str]) -> None:
        """Put an account into these groups alone; where it is a steward, it stays."""
        mine = membership.c.user == user_id
        wanted = sorted(set(groups))
        at.execute(delete(membership).where(mine, membership.c.group.not_in(wanted)))
        known = set(at.execute(select(membership.c.group).where(mine)).scalars())
        rows = [{"user": user_id, "group": it} for it in wanted if it not in known]
        if rows:
            at.execute(insert(membership), rows)

    def empty_log(self) -> bool:
        """Have what was removed leave the file's write-ahead log, too."""
        return self._db.empty_log()
