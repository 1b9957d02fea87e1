"""Reads one page, revision or stamp: the hot path, one statement where it can be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from wiki.errors import Gone, NotFound
from wiki.model import names
from wiki.model.actor import Sees, may_see
from wiki.model.page import Page, PageRow, Redirect

from . import tables as t
from .ready import unpacked
from .rows import PUBLISHED, REDIRECT
from .sql_rows import pages_where

p, n, r = t.page.c, t.name.c, t.revision.c

# What a page list shows; in the order of the fields of PageRow.
ROW = (
    *(p.id, p.name, p.name_key, p.title, p.kind, p.lang, p.audience, p.tags, p.meta),
    *(p.mtime, p.mtime_author, p.head_rev, p.head_n, p.deleted_seq),
)
_FILE = (p.path, p.file_mtime_ns, p.file_size, p.file_ino, p.pending)
_VIEW = (
    *(p.id, p.name, p.name_key, p.title, p.kind, p.lang, p.audience, p.tags, p.meta),
    *(p.moved, p.head_rev, p.deleted_seq, *_FILE),
    *(r.id.label("rev"), r.n, r.ts, r.author_name, r.author_id, r.comment),
    *(r.codec, r.body, r.audience.label("then")),
)
_name = n.key == bindparam("key_")
_id = p.id == bindparam("id_")
_head = r.id == p.head_rev
_old = (r.page == p.id) & (r.n == bindparam("n_")) & (r.state == PUBLISHED)

_BY_ID = select(*_VIEW).join_from(t.page, t.revision, _head, isouter=True).where(_id)
_BY_ID_OLD = select(*_VIEW).join_from(t.page, t.revision, _old, isouter=True).where(_id)
_named = (
    select(*_VIEW, n.kind.label("name_kind"))
    .join_from(t.name, t.page, n.page == p.id)
    .where(_name)
)
_BY_NAME = _named.join(t.revision, _head, isouter=True)
_BY_NAME_OLD = _named.join(t.revision, _old, isouter=True)

_HEAD = (p.id, p.head_rev, p.mtime)
_HEAD_BY_ID = select(*_HEAD).where(_id, p.deleted_seq.is_(None))
_HEAD_BY_NAME = (
    select(*_HEAD)
    .join_from(t.name, t.page, n.page == p.id)
    .where(_name, p.deleted_seq.is_(None))
)
_HEADS = select(*_HEAD).where(
    p.id.in_(bindparam("ids", expanding=True)), p.deleted_seq.is_(None)
)
_FILE_OF = select(*_FILE, p.head_rev).where(_id, p.deleted_seq.is_(None))
_EXISTS = (
    select(*ROW, n.key)
    .join_from(t.name, t.page, n.page == p.id)
    .where(n.key.in_(bindparam("keys", expanding=True)), p.deleted_seq.is_(None))
)
_WHO_DELETED = (
    select(t.txn.c.ts, t.txn.c.author_name)
    .join_from(t.change, t.txn, t.change.c.txn == t.txn.c.id)
    .where(t.change.c.seq == bindparam("seq_"))
)
_TEXT = select(r.codec, r.body).where(r.id == bindparam("id_"))
_LAST_SEQ = select(t.counter.c.n).where(t.counter.c.id == 1)
_STAMPS = select(t.topic.c.name, t.topic.c.seq)
_CHECKPOINT = select(t.consumer.c.seq).where(t.consumer.c.name == bindparam("name_"))
_PROBLEMS = select(t.problem.c.path, t.problem.c.reason).order_by(t.problem.c.path)
_PAGES = select(func.count()).select_from(t.page).where(p.deleted_seq.is_(None))
_REVISIONS = select(func.count()).select_from(t.revision)
_PENDING = select(func.count()).select_from(t.page).where(p.pending != 0)
_PATH = (
    select(p.path)
    .join_from(t.name, t.page, n.page == p.id)
    .where(_name, p.deleted_seq.is_(None))
)


def cleaned_key(name: str) -> str:
    """Return the key of a typed name; raises BadName."""
    return names.key(names.clean(name))


def find(connection: Connection, ref: str | int, rev: int | None) -> Row[Any]:
    """Return the row of a page by name or id; raises NotFound, BadName."""
    values: dict[str, Any] = {} if rev is None else {"n_": rev}
    if isinstance(ref, str):
        values["key_"] = cleaned_key(ref)
        query = _BY_NAME if rev is None else _BY_NAME_OLD
    else:
        values["id_"] = ref
        query = _BY_ID if rev is None else _BY_ID_OLD
    row = connection.execute(query, values).first()
    if row is None:
        raise NotFound
    return row


def shows(row: Row[Any], sees: Sees) -> bool:
    """Tell whether a reader may see a page at all, and it is not deleted.

    The file of a page is looked at for its readers only: that takes time which would
    tell others that it is there.
    """
    return row.deleted_seq is None and may_see(sees, row.audience)


def answer(
    connection: Connection, row: Row[Any], *, by_name: bool, sees: Sees
) -> Page | Redirect:
    """Turn a found row into what the reader may see of it."""
    if not may_see(sees, row.audience):
        raise NotFound
    if row.deleted_seq is not None:
        when, who = connection.execute(_WHO_DELETED, {"seq_": row.deleted_seq}).one()
        raise Gone(row.id, row.name, row.head_rev, when, who)
    if by_name and row.name_kind == REDIRECT:
        return Redirect(row.id, row.name, row.audience)
    if row.rev is None or not may_see(sees, row.then):
        raise NotFound
    return Page(
        id=row.id,
        name=row.name,
        key=row.name_key,
        text=unpacked(row.codec, row.body),
        rev=row.rev,
        n=row.n,
        head=row.head_rev,
        title=row.title,
        kind=row.kind,
        lang=row.lang,
        audience=row.audience,
        tags=tuple(json.loads(row.tags)),
        meta=json.loads(row.meta),
        ts=row.ts,
        author=row.author_name,
        author_id=row.author_id,
        comment=row.comment,
        moved=row.moved,
    )


def page_row(row: Row[Any]) -> PageRow:
    (id_, name, key, title, kind, lang, audience, tags, meta, *rest) = row[:14]
    mtime, author, rev, number, deleted_seq = rest
    return PageRow(
        id_,
        name,
        key,
        title,
        kind,
        lang,
        audience,
        tuple(json.loads(tags)),
        json.loads(meta),
        mtime,
        author,
        rev,
        number,
        deleted_seq is not None,
    )


def head(connection: Connection, ref: str | int) -> tuple[int, int, int] | None:
    if isinstance(ref, str):
        row = connection.execute(_HEAD_BY_NAME, {"key_": cleaned_key(ref)}).first()
    else:
        row = connection.execute(_HEAD_BY_ID, {"id_": ref}).first()
    return None if row is None else (row[0], row[1], row[2])


def heads(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    found = pages_where(connection, _HEADS, "ids", ids)
    return {id_: (rev, mtime) for id_, rev, mtime in found}


def exists(
    connection: Connection, keys: Iterable[str], sees: Sees
) -> dict[str, PageRow]:
    found = pages_where(connection, _EXISTS, "keys", list(keys))
    return {row.key: page_row(row) for row in found if may_see(sees, row.audience)}


def file_of(connection: Connection, page_id: int) -> Row[Any] | None:
    return connection.execute(_FILE_OF, {"id_": page_id}).first()


def path_of(connection: Connection, key: str) -> str | None:
    return connection.execute(_PATH, {"key_": key}).scalar()


def text(connection: Connection, rev_id: int) -> str:
    row = connection.execute(_TEXT, {"id_": rev_id}).first()
    if row is None:
        raise NotFound
    return unpacked(row.codec, row.body)


def last_seq(connection: Connection) -> int:
    return int(connection.execute(_LAST_SEQ).scalar_one())


def stamps(connection: Connection) -> dict[str, int]:
    return {name: seq for name, seq in connection.execute(_STAMPS)}


def checkpoint(connection: Connection, consumer: str) -> int:
    return int(connection.execute(_CHECKPOINT, {"name_": consumer}).scalar() or 0)


def problems(connection: Connection) -> dict[str, str]:
    return {path: reason for path, reason in connection.execute(_PROBLEMS)}


def counts(connection: Connection) -> dict[str, Any]:
    queries = {"pages": _PAGES, "revisions": _REVISIONS, "pending": _PENDING}
    return {
        name: connection.execute(query).scalar_one() for name, query in queries.items()
    }
