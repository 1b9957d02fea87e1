"""The tables of the private database: people, sessions, links, tokens.

Never exported, never mirrored (S-2). Times are milliseconds UTC, days are whole days
since 1970. Secrets are kept as SHA-256 only. No address and no user agent (S-3).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

# Kept in the file's header (user_version); a database with a higher one is refused.
SCHEMA_VERSION = 1

metadata = MetaData()


def _owner() -> Column[int]:
    return Column(
        "user", ForeignKey("user.id", ondelete="CASCADE"), nullable=False, index=True
    )


user = Table(
    "user",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    # Case and width do not tell names apart.
    Column("name_key", Text, nullable=False, unique=True),
    Column("display", Text, nullable=False),
    Column("role", Text, nullable=False),
    # An argon2 hash in its own notation; NULL for who comes in by a link only.
    Column("password", Text),
    Column("created", BigInteger, nullable=False),
    Column("closed", BigInteger),
    # Ids are never used again: revisions keep the ids of their authors.
    sqlite_autoincrement=True,
)

membership = Table(
    "membership",
    metadata,
    Column("user", ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("group", Text, primary_key=True),
)
Index("membership_group", membership.c.group)

session = Table(
    "session",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    _owner(),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
    # When it ends unless it is used; moved on at most once an hour.
    Column("idle_until", BigInteger, nullable=False),
    Column("used_day", Integer, nullable=False),
    Column("remember", Boolean, nullable=False),
    # Begun by a link: a password may be set without the old one for a while.
    Column("by_link", Boolean, nullable=False),
    Column("label", Text, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    # first, signin, reset or join
    Column("kind", Text, nullable=False),
    Column("user", ForeignKey("user.id", ondelete="CASCADE"), index=True),
    Column("role", Text, nullable=False),
    # Group names as a JSON list.
    Column("groups", Text, nullable=False),
    Column("uses_left", Integer, nullable=False),
    Column("made_by", ForeignKey("user.id", ondelete="CASCADE")),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
)

token = Table(
    "token",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    _owner(),
    Column("label", Text, nullable=False),
    # Separated by spaces.
    Column("scopes", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("used_day", Integer),
    Column("revoked", BigInteger),
)
