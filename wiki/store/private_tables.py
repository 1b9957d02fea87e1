"""The tables of the private database: people, what lets them in, groups, the log.

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
    text,
)

# Kept in the file's header (user_version); a database with a higher one is refused.
SCHEMA_VERSION = 3

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
    # Since when this person may read but not change anything.
    Column("blocked", BigInteger),
    # Since when this person waits for an administrator to let them in.
    Column("waiting", BigInteger),
    # What they wrote about themselves while asking to join.
    Column("asked", Text),
    # For links to a new password; nobody needs one.
    Column("email", Text),
    # Ids are never used again: revisions keep the ids of their authors.
    sqlite_autoincrement=True,
)
# Whoever was let in, by role: how many may see something is told often.
Index(
    "user_inside",
    user.c.role,
    sqlite_where=text("closed IS NULL AND waiting IS NULL"),
)

membership = Table(
    "membership",
    metadata,
    Column("user", ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("group", Text, primary_key=True),
    # Stewards say who else is in the group.
    Column("steward", Boolean, nullable=False, server_default=text("0")),
)
Index("membership_group", membership.c.group)

group = Table(
    "group",
    metadata,
    Column("name", Text, primary_key=True),
    # Case and width do not tell names apart.
    Column("name_key", Text, nullable=False, unique=True),
    Column("about", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
)

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
    # first, signin, reset, join or second (a sign-in that waits for its second step)
    Column("kind", Text, nullable=False),
    Column("user", ForeignKey("user.id", ondelete="CASCADE"), index=True),
    Column("role", Text, nullable=False),
    # Group names as a JSON list.
    Column("groups", Text, nullable=False),
    Column("uses_left", Integer, nullable=False),
    Column("made_by", ForeignKey("user.id", ondelete="CASCADE")),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
    # What its maker wrote about it, to tell invitations apart.
    Column("label", Text, nullable=False, server_default=text("''")),
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

# -- ways to sign in besides a password

totp = Table(
    "totp",
    metadata,
    Column("user", ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    # The secret that the person's device holds too; codes cannot be checked without.
    Column("secret", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    # NULL until the first right code was typed.
    Column("confirmed", BigInteger),
    # The last time step whose code was used: none works twice.
    Column("last_step", BigInteger, nullable=False),
)

recovery = Table(
    "recovery",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    _owner(),
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    _owner(),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("used_day", Integer),
)

identity = Table(
    "identity",
    metadata,
    # Who somebody is at a provider (OpenID Connect).
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    _owner(),
)

device = Table(
    "device",
    metadata,
    # A browser this account signed in from: others cannot lock it out.
    Column("hash", LargeBinary, primary_key=True),
    _owner(),
    Column("expires", BigInteger, nullable=False, index=True),
)

attempt = Table(
    "attempt",
    metadata,
    # A keyed hash of an account's name or of its device; never of an address.
    Column("key", LargeBinary, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
)

proposal = Table(
    "proposal",
    metadata,
    # A change by somebody new here that waits for somebody else to look at it.
    Column("id", Integer, primary_key=True),
    _owner(),
    # NULL for a new page.
    Column("page", BigInteger),
    Column("name", Text, nullable=False),
    # The version it was written on, 0 for none.
    Column("base", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("declined", BigInteger, index=True),
    sqlite_autoincrement=True,
)

# -- the wiki's own affairs

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    # JSON of the value.
    Column("value", Text, nullable=False),
    Column("changed", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ts", BigInteger, nullable=False, index=True),
    Column("actor_id", Integer),
    Column("actor", Text, nullable=False),
    # One of wiki.model.acts, and what it was done to.
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    # JSON object.
    Column("detail", Text, nullable=False),
    sqlite_autoincrement=True,
)
