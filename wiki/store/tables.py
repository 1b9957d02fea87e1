"""The tables of the content database, one spelling for every engine (section 3).

Only the store writes them. Times are milliseconds UTC, hashes are SHA-256 of the
text with LF line ends, JSON is kept as text so that both engines hold the same bytes.
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
    UniqueConstraint,
    text,
)

# The schema this code reads and writes; a database with a higher one is refused.
SCHEMA_VERSION = "0002"

metadata = MetaData()
# SQLite numbers rows by itself only in a column spelled INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")

counter = Table(
    "counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("n", BigInteger, nullable=False),
)

txn = Table(
    "txn",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("ts", BigInteger, nullable=False),
    Column("author_id", BigInteger),
    Column("author_name", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("idem_key", Text, unique=True),
    # What was answered, for a request that is sent again.
    Column("result", Text),
    Index(
        "txn_idem",
        "ts",
        sqlite_where=text("idem_key IS NOT NULL"),
        postgresql_where=text("idem_key IS NOT NULL"),
    ),
    Index("txn_author", "author_id"),
)

change = Table(
    "change",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("txn", ForeignKey("txn.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("page", BigInteger),
    Column("rev", BigInteger),
    # Who could read the page when it changed; for a put, its new text.
    Column("audience", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("change_page", "page", "seq"),
    Index("change_txn", "txn"),
)

page = Table(
    "page",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("ns_key", Text, nullable=False),
    Column("path", Text, nullable=False, unique=True),
    Column("head_rev", BigInteger, nullable=False),
    Column("head_n", BigInteger, nullable=False),
    # The highest number given to a revision, proposed ones included.
    Column("last_n", BigInteger, nullable=False),
    # Hash and size in bytes of the newest text: H of the three-hash rule.
    Column("text_hash", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    # Folded like a name, to find it by any spelling.
    Column("title_key", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # Who reads it: what its text says and what the rules of its area say, as one.
    Column("audience", Text, nullable=False),
    # What its text says alone, "" for nothing.
    Column("own", Text, nullable=False, server_default=text("''")),
    Column("tags", Text, nullable=False),
    Column("meta", Text, nullable=False),
    Column("mtime", BigInteger, nullable=False),
    Column("mtime_author", Text, nullable=False),
    Column("moved", BigInteger, nullable=False),
    Column("deleted_seq", BigInteger),
    # What is known of the file: S of the three-hash rule and its last stat.
    Column("file_hash", LargeBinary),
    Column("file_seq", BigInteger, nullable=False),
    Column("file_mtime_ns", BigInteger, nullable=False),
    Column("file_size", BigInteger, nullable=False),
    Column("file_ino", BigInteger, nullable=False),
    Column("pending", Integer, nullable=False),
    # Files still to be removed after renames, a JSON list.
    Column("old_path", Text),
    Index("page_ns", "ns_key", "name_key"),
    Index("page_kind", "kind", "name_key"),
    Index("page_mtime", "mtime"),
    Index(
        "page_pending",
        "pending",
        sqlite_where=text("pending <> 0"),
        postgresql_where=text("pending <> 0"),
    ),
    # Ids of pages that are gone for good are never given out again.
    sqlite_autoincrement=True,
)

name = Table(
    "name",
    metadata,
    Column("key", Text, primary_key=True),
    Column("page", ForeignKey("page.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("display", Text, nullable=False),
    Index("name_page", "page"),
)

revision = Table(
    "revision",
    metadata,
    Column("id", Id, primary_key=True),
    Column("page", ForeignKey("page.id"), nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("base", BigInteger),
    Column("seq", BigInteger, nullable=False),
    Column("ts", BigInteger, nullable=False),
    Column("author_id", BigInteger),
    Column("author_name", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("minor", Boolean, nullable=False),
    Column("origin", Text, nullable=False),
    # Who could read the page while this was its text.
    Column("audience", Text, nullable=False),
    # published, proposed (needs a decision) or merged (went into the next one).
    Column("state", Text, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    # Bytes more or less than the revision before.
    Column("delta", BigInteger, nullable=False),
    Column("codec", Text, nullable=False),
    Column("delta_base", BigInteger),
    Column("body", LargeBinary),
    Column("hidden", Boolean, nullable=False),
    UniqueConstraint("page", "n"),
    Index("revision_hash", "text_hash"),
    # What one person wrote: to show it, undo it, or take their name from it.
    Index("revision_author", "author_id"),
    sqlite_autoincrement=True,
)

# The key of the page that links or is tagged travels along, so that lists page by it.
link = Table(
    "link",
    metadata,
    Column("src", ForeignKey("page.id"), primary_key=True),
    Column("dst_key", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("src_key", Text, nullable=False),
    Index("link_dst", "dst_key", "src_key"),
)

tag = Table(
    "tag",
    metadata,
    Column("page", ForeignKey("page.id"), primary_key=True),
    Column("tag_key", Text, primary_key=True),
    Column("tag", Text, nullable=False),
    Column("page_key", Text, nullable=False),
    Index("tag_key", "tag_key", "page_key"),
)

field_value = Table(
    "field_value",
    metadata,
    Column("page", ForeignKey("page.id"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Index("field_value_of", "field", "value"),
)

topic = Table(
    "topic",
    metadata,
    Column("name", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

rule = Table(
    "rule",
    metadata,
    # The area's key: "" for the whole wiki, a folder with its slash, a page's name.
    Column("key", Text, primary_key=True),
    Column("area", Text, nullable=False),
    Column("read", Text, nullable=False),
    Column("edit", Text, nullable=False),
)

# Audiences of several parts that any page or version ever had: a reader's own are
# worked out from them, so that every query compares whole texts.
audience = Table("audience", metadata, Column("text", Text, primary_key=True))

consumer = Table(
    "consumer",
    metadata,
    Column("name", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
)

problem = Table(
    "problem",
    metadata,
    Column("path", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
)

schema_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", Text, primary_key=True),
)
