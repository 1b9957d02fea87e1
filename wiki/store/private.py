"""The private database: who there is, and what lets them in.

Rows in, rows out: who may do what is decided by ``wiki.accounts``. Writing methods
take the connection of one transaction, so that a check and its write are one.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from .private_opening import open_private
from .private_rows import (
    Key,
    LinkRow,
    SessionRow,
    TokenRow,
    User,
    session_of,
    token_of,
    user_of,
)
from .private_tables import (
    link,
    membership,
    session,
    token,
    user,
)

# Groups of the row's user, as a JSON list.
_GROUPS = (
    select(func.json_group_array(membership.c.group))
    .where(membership.c.user == user.c.id)
    .scalar_subquery()
    .label("groups")
)
_OPEN = user.c.closed.is_(None)
_USERS = select(user, _GROUPS)
_BY_SESSION = (
    select(
        user,
        _GROUPS,
        session.c.expires,
        session.c.idle_until,
        session.c.used_day,
        session.c.remember,
    )
    .join(session, session.c.user == user.c.id)
    .where(session.c.hash == bindparam("hash"), _OPEN)
)
_BY_TOKEN = (
    select(user, _GROUPS, token.c.expires, token.c.used_day, token.c.scopes)
    .join(token, token.c.user == user.c.id)
    .where(token.c.hash == bindparam("hash"), token.c.revoked.is_(None), _OPEN)
)


class PrivateStore:
    """Accounts in ``path``, made when missing, or in memory of this process (None).

    Raises StartError where the file cannot be used.
    """

    def __init__(self, path: Path | None) -> None:
        if path is None:
            # A real file, so that everything behaves as in an instance.
            folder = tempfile.mkdtemp(prefix="wiki-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            path = Path(folder) / "private.db"
        self.path = path
        self.database = self._db = open_private(path)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Lend a connection in a write transaction; raises Busy, NoSpace, ReadOnly."""
        with self._db.writing() as connection:
            yield connection

    def mark(self) -> int:
        """Return a number that changes whenever any process changed anything."""
        return self._db.mark()

    def close(self) -> None:
        self._db.close()

    # -- people

    def user(self, ref: int | str, at: Connection | None = None) -> User | None:
        """Return an account by id or key of its name; closed ones too."""
        column = user.c.id if isinstance(ref, int) else user.c.name_key
        row = self._one(_USERS.where(column == ref), at)
        return user_of(row) if row else None

    def users(self) -> list[User]:
        with self._db.reading() as connection:
            return [
                user_of(row) for row in connection.execute(_USERS.order_by(user.c.id))
            ]

    def password_of(self, user_id: int, at: Connection | None = None) -> str | None:
        row = self._one(select(user.c.password).where(user.c.id == user_id), at)
        return None if row is None else row.password

    def admins(self, at: Connection | None = None) -> list[User]:
        """Return the administrators whose accounts are open, oldest first."""
        query = _USERS.where(user.c.role == "admin", _OPEN).order_by(user.c.id)
        if at is not None:
            return [user_of(row) for row in at.execute(query)]
        with self._db.reading() as connection:
            return [user_of(row) for row in connection.execute(query)]

    def add_user(self, at: Connection, groups: Iterable[str], **values: Any) -> int:
        """Add an account, with values by column; return its id."""
        found = at.execute(user.insert().values(**values))
        key: Any = found.inserted_primary_key
        user_id = int(key[0])
        self.set_groups(at, user_id, groups)
        return user_id

    def change_user(self, at: Connection, user_id: int, **values: Any) -> None:
        at.execute(update(user).where(user.c.id == user_id).values(**values))

    def set_groups(self, at: Connection, user_id: int, groups: Iterable[str]) -> None:
        at.execute(delete(membership).where(membership.c.user == user_id))
        rows = [{"user": user_id, "group": group} for group in sorted(set(groups))]
        if rows:
            at.execute(membership.insert(), rows)

    # -- sessions

    def by_session(self, hashed: bytes) -> Key | None:
        """Return whose session it is, in one statement; its times are not checked."""
        row = self._one(_BY_SESSION, None, {"hash": hashed})
        if row is None:
            return None
        return Key(
            user_of(row), row.expires, row.idle_until, row.used_day, row.remember
        )

    def add_session(self, at: Connection, **values: Any) -> None:
        at.execute(session.insert().values(**values))

    def touch_session(self, at: Connection, hashed: bytes, **values: Any) -> None:
        at.execute(update(session).where(session.c.hash == hashed).values(**values))

    def session_row(
        self, hashed: bytes, at: Connection | None = None
    ) -> SessionRow | None:
        row = self._one(select(session).where(session.c.hash == hashed), at)
        return session_of(row) if row else None

    def sessions_of(self, user_id: int, now: int) -> list[SessionRow]:
        query = (
            select(session)
            .where(
                session.c.user == user_id,
                session.c.expires > now,
                session.c.idle_until > now,
            )
            .order_by(session.c.created.desc())
        )
        with self._db.reading() as connection:
            return [session_of(row) for row in connection.execute(query)]

    def end_session(self, at: Connection, hashed: bytes) -> None:
        at.execute(delete(session).where(session.c.hash == hashed))

    def end_sessions(self, at: Connection, user_id: int, keep: bytes = b"") -> None:
        at.execute(
            delete(session).where(session.c.user == user_id, session.c.hash != keep)
        )

    # -- links

    def add_link(
        self, at: Connection, groups: Iterable[str] = (), **values: Any
    ) -> None:
        text = json.dumps(sorted(set(groups)))
        at.execute(link.insert().values(groups=text, **values))

    def link(
        self, hashed: bytes, now: int, at: Connection | None = None
    ) -> LinkRow | None:
        """Return a link that is not used up and not too old."""
        query = select(link).where(
            link.c.hash == hashed, link.c.expires > now, link.c.uses_left > 0
        )
        row = self._one(query, at)
        if row is None:
            return None
        groups = frozenset(json.loads(row.groups))
        return LinkRow(row.kind, row.user, row.role, groups, row.uses_left, row.made_by)

    def use_link(self, at: Connection, hashed: bytes) -> None:
        """Count one use of a link; a used-up one is gone."""
        at.execute(
            update(link)
            .where(link.c.hash == hashed)
            .values(uses_left=link.c.uses_left - 1)
        )
        at.execute(delete(link).where(link.c.uses_left <= 0))

    def drop_links(
        self, at: Connection, *, kind: str = "", user_id: int | None = None
    ) -> None:
        """Remove the links of a kind, or those that sign an account in."""
        query = delete(link)
        if kind:
            query = query.where(link.c.kind == kind)
        if user_id is not None:
            query = query.where(link.c.user == user_id)
        at.execute(query)

    # -- tokens

    def by_token(self, hashed: bytes) -> Key | None:
        """Return whose token it is, in one statement; its times are not checked."""
        row = self._one(_BY_TOKEN, None, {"hash": hashed})
        if row is None:
            return None
        return Key(user_of(row), row.expires, used_day=row.used_day, scopes=row.scopes)

    def add_token(self, at: Connection, **values: Any) -> None:
        at.execute(token.insert().values(**values))

    def touch_token(self, at: Connection, hashed: bytes, day: int) -> None:
        at.execute(update(token).where(token.c.hash == hashed).values(used_day=day))

    def tokens_of(self, user_id: int, now: int) -> list[TokenRow]:
        query = (
            select(token)
            .where(
                token.c.user == user_id,
                token.c.revoked.is_(None),
                token.c.expires > now,
            )
            .order_by(token.c.created.desc())
        )
        with self._db.reading() as connection:
            return [token_of(row) for row in connection.execute(query)]

    def revoke_tokens(
        self, at: Connection, user_id: int, now: int, hashed: bytes | None = None
    ) -> int:
        """Revoke one token of an account, or all; return how many."""
        query = update(token).where(token.c.user == user_id, token.c.revoked.is_(None))
        if hashed is not None:
            query = query.where(token.c.hash == hashed)
        return at.execute(query.values(revoked=now)).rowcount

    def forget_old(self, at: Connection, now: int) -> None:
        """Remove sessions and links whose time is over."""
        for table in (session, link):
            at.execute(delete(table).where(table.c.expires <= now))
        at.execute(delete(session).where(session.c.idle_until <= now))

    def _one(
        self, query: Any, at: Connection | None, params: Any = None
    ) -> Row[Any] | None:
        if at is not None:
            return at.execute(query, params or {}).first()
        with self._db.reading() as connection:
            return connection.execute(query, params or {}).first()
