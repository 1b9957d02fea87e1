"""Erases a value from what is written about people: labels, notes, the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Table, select, update

from wiki.errors import NotErasable
from wiki.model.page import WARNING, Problem
from wiki.model.redaction import MARK, Places, Redaction

from . import private_tables as t
from .engine import Database

GROUP_IS_CALLED_SO = (
    "The group “%(name)s” is called so, and its name says who reads what. Put its "
    "people and pages into a group with another name, remove it, then erase."
)
ACCOUNT_IS_CALLED_SO = (
    "The account “%(name)s” is called so and keeps this name to sign in with. Remove "
    "the account under People if it is to go."
)
SIGNS_IN_BY_IT = (
    "An account signs in elsewhere by it. Remove that way to sign in, or the account."
)
SETTING_HOLDS_IT = "The setting %(key)s holds it. Change it under Settings."

# Every text column has its place; a test compares with the tables.
WORDS: Mapping[str, tuple[str, ...]] = {
    "user": ("display", "asked", "email"),
    "group": ("about",),
    "session": ("label",),
    "link": ("label", "groups"),
    "token": ("label",),
    "passkey": ("label",),
    "proposal": ("name", "text", "comment"),
    "audit": ("actor", "subject", "detail"),
}
TOLD: Mapping[str, tuple[str, ...]] = {
    # Not changed by erasing, but said or refused, above.
    "user": ("name", "name_key"),
    "group": ("name", "name_key"),
    "membership": ("group",),
    "identity": ("issuer", "subject"),
    "setting": ("value",),
}
FIXED: Mapping[str, tuple[str, ...]] = {
    # Words of the program, and secrets.
    "user": ("role", "password"),
    "link": ("kind", "role"),
    "token": ("scopes",),
    "totp": ("secret",),
    "setting": ("key",),
    "audit": ("act",),
}
_JSON = frozenset({("link", "groups"), ("audit", "detail")})


class PrivateErasing:
    """The private database as erasing sees it."""

    def __init__(self, database: Database, redaction: Redaction) -> None:
        self._db, self._redaction = database, redaction

    def find(self) -> Places:
        """Return where the value stands; raises NotErasable where it names a group."""
        with self._db.reading() as connection:
            self._check_groups(connection)
            found = self._told(connection)
            for table, name, _way in self._columns():
                for text in connection.execute(select(table.c[name])).scalars():
                    found.count += self._redaction.count(text or "")
        return found

    def run(self) -> Places:
        """Erase; return what stays. Raises NotErasable, Busy, NoSpace, ReadOnly."""
        with self._db.writing(always=True) as connection:
            self._check_groups(connection)
            for table, name, way in self._columns():
                self._rewrite(connection, table, name, way)
            self._rename_closed(connection)
            left = self._told(connection)
        self._db.scrub()
        return left

    def _columns(self) -> list[tuple[Table, str, Callable[[str], str | None]]]:
        return [
            (t.metadata.tables[table], name, self._way(table, name))
            for table, columns in WORDS.items()
            for name in columns
        ]

    def _way(self, table: str, name: str) -> Callable[[str], str | None]:
        if (table, name) in _JSON:
            return self._redaction.apply_json
        # An address with a mark in it would lead to somebody else.
        return _nothing if name == "email" else self._redaction.apply

    def _rewrite(
        self,
        connection: Connection,
        table: Table,
        name: str,
        way: Callable[[str], str | None],
    ) -> None:
        keys = list(table.primary_key.columns)
        for *key, text in connection.execute(select(*keys, table.c[name])).all():
            if text is None or not self._redaction.hits(text):
                continue
            same = [column == value for column, value in zip(keys, key, strict=True)]
            connection.execute(update(table).where(*same).values({name: way(text)}))

    def _rename_closed(self, connection: Connection) -> None:
        """Give closed accounts that are called so a name that nobody has."""
        u = t.user.c
        query = select(u.id, u.name, u.name_key).where(u.closed.is_not(None))
        for id_, name, key in connection.execute(query).all():
            if self._redaction.hits(name) or self._redaction.hits(key):
                new = f"{MARK} {id_}"
                connection.execute(
                    update(t.user).where(u.id == id_).values(name=new, name_key=new)
                )

    def _check_groups(self, connection: Connection) -> None:
        names = {*connection.execute(select(t.group.c.name)).scalars()}
        names |= {*connection.execute(select(t.membership.c.group)).scalars()}
        for name in sorted(names):
            if self._redaction.hits(name):
                raise NotErasable(GROUP_IS_CALLED_SO, name=name)

    def _told(self, connection: Connection) -> Places:
        """Return what the value stands in and erasing leaves alone."""
        hits, left = self._redaction.hits, list[Problem]()
        u = t.user.c
        query = select(u.name).where(u.closed.is_(None))
        for name in connection.execute(query).scalars():
            if hits(name):
                left.append(_problem(ACCOUNT_IS_CALLED_SO, name=name))
        who = select(t.identity.c.issuer, t.identity.c.subject)
        if any(hits(text) for row in connection.execute(who) for text in row):
            left.append(_problem(SIGNS_IN_BY_IT))
        for key, value in connection.execute(
            select(t.setting.c.key, t.setting.c.value)
        ):
            if hits(value):
                left.append(_problem(SETTING_HOLDS_IT, key=key))
        return Places(count=len(left), left=left)


def _nothing(_text: str) -> None:
    return None


def _problem(message: str, **params: str) -> Problem:
    return Problem(WARNING, "", message, params=params)
