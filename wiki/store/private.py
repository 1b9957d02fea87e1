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

from sqlalchemy import Connection, bindparam, delete, select, update

from .private_groups import GroupRows
from .private_opening import open_private
from .private_people import GROUPS, OPEN, PeopleRows
from .private_rows import (
    Key,
    LinkRow,
    SessionRow,
    TokenRow,
    session_of,
    token_of,
    user_of,
)
from .private_tables import link, session, token, user

_BY_SESSION = (
    select(
        user,
        GROUPS,
        session.c.expires,
        session.c.idle_until,
        session.c.used_day,
        session.c.remember,
    )
    .join(session, session.c.user == user.c.id)
    .where(session.c.hash == bindparam("hash"), OPEN)
)
_BY_TOKEN = (
    select(user, GROUPS, token.c.expires, token.c.used_day, token.c.scopes)
    .join(token, token.c.user == user.c.id)
    .where(token.c.hash == bindparam("hash"), token.c.revoked.is_(None), OPEN)
)


class PrivateStore(PeopleRows, GroupRows):
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
        super().__init__(open_private(path))
        self.database = self._db

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
        return [session_of(row) for row in self._all(query, None)]

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
        return [token_of(row) for row in self._all(query, None)]

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
