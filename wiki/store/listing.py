"""Lists of pages, revisions and changes: one statement each, paged by key.

Filters by audience sit in the query, so that a page of results is full and what a
reader may not see cannot be counted out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)

from wiki.model import names
from wiki.model.actor import Sees
from wiki.model.page import Change, PageRow, Revision

from . import tables as t
from .base import MAX_LIMIT
from .derived import tag_key
from .reading import ROW, page_row
from .rows import PUBLISHED

p, n, r, c, x = t.page.c, t.name.c, t.revision.c, t.change.c, t.txn.c
_LAST = chr(0x10FFFF)
_LIVE = p.deleted_seq.is_(None)

_HISTORY = (
    select(
        *(r.id, r.page, r.n, r.seq, r.ts, r.author_name, r.author_id, r.comment),
        *(r.origin, r.size, r.delta, r.minor, r.hidden),
    )
    .where(
        r.page == bindparam("page_"), r.n < bindparam("before"), r.state == PUBLISHED
    )
    .order_by(r.n.desc())
    .limit(bindparam("limit_"))
)
CHANGES = (
    select(
        *(c.seq, c.kind, c.page, c.rev, func.coalesce(r.ts, x.ts).label("ts")),
        *(x.author_name, x.author_id, x.comment, x.origin, c.detail),
        *(p.name, p.title, p.audience, r.delta, c.txn),
    )
    .join_from(t.change, t.txn, c.txn == x.id)
    .join(t.page, p.id == c.page, isouter=True)
    .join(t.revision, r.id == c.rev, isouter=True)
)
_FEED = (
    CHANGES.where(c.seq > bindparam("after")).order_by(c.seq).limit(bindparam("limit_"))
)
_NAMES = select(n.key).where(n.page == bindparam("page_"))
_IDS = (
    select(p.id)
    .where(p.id > bindparam("after"), _LIVE)
    .order_by(p.id)
    .limit(bindparam("limit_"))
)
PAGE_KINDS = ("put", "rename", "delete", "restore")


def checked(limit: int) -> int:
    """Return a limit that no list exceeds; raises ValueError."""
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"limit is {limit}; it can be from 1 to {MAX_LIMIT}")
    return limit


def _seen(sees: Sees) -> list[ColumnElement[bool]]:
    return [] if sees is None else [p.audience.in_(sorted(sees))]


def _below(column: ColumnElement[str], prefix: str) -> list[ColumnElement[bool]]:
    """Return the range of keys that begin with a prefix, which an index serves."""
    if not prefix:
        return []
    start = names.key(prefix)
    return [column >= start, column < start + _LAST]


def _paged(
    connection: Connection, query: Select[Any], limit: int
) -> tuple[list[PageRow], str | None]:
    # One row more than asked for tells whether there is a next page.
    rows = connection.execute(query.limit(checked(limit) + 1)).all()
    found = [page_row(row) for row in rows[:limit]]
    return found, found[-1].key if len(rows) > limit else None


def pages(
    connection: Connection,
    *,
    prefix: str,
    tag: str | None,
    kind: str | None,
    after_key: str,
    limit: int,
    include_deleted: bool,
    sees: Sees,
) -> tuple[list[PageRow], str | None]:
    query, order = select(*ROW), p.name_key
    if tag is not None:
        # Walks the tag's own rows, which carry the key of their page.
        order = t.tag.c.page_key
        query = query.join_from(t.tag, t.page, t.tag.c.page == p.id)
        query = query.where(t.tag.c.tag_key == tag_key(tag))
    if kind is not None:
        query = query.where(p.kind == kind)
    if not include_deleted:
        query = query.where(_LIVE)
    query = query.where(*_below(order, prefix), order > after_key, *_seen(sees))
    return _paged(connection, query.order_by(order), limit)


def ids(connection: Connection, after: int, limit: int) -> list[int]:
    values = {"after": after, "limit_": checked(limit)}
    return list(connection.execute(_IDS, values).scalars())


def find_titles(
    connection: Connection, text: str, limit: int, sees: Sees
) -> list[PageRow]:
    folded = names.key(text)
    holds = or_(
        p.title_key.contains(folded, autoescape=True),
        p.name_key.contains(folded, autoescape=True),
    )
    query = select(*ROW).where(_LIVE, holds, *_seen(sees))
    query = query.order_by(p.name_key).limit(checked(limit))
    return [page_row(row) for row in connection.execute(query)]


def records(
    connection: Connection,
    kind: str,
    where: Mapping[str, str],
    *,
    after_key: str,
    limit: int,
    sees: Sees,
) -> tuple[list[PageRow], str | None]:
    v = t.field_value.c
    holds = [
        exists().where(v.page == p.id, v.field == field, v.value == str(value))
        for field, value in where.items()
    ]
    query = select(*ROW).where(
        p.kind == kind, _LIVE, p.name_key > after_key, *holds, *_seen(sees)
    )
    return _paged(connection, query.order_by(p.name_key), limit)


def backlinks(
    connection: Connection, page_id: int, *, after_key: str, limit: int, sees: Sees
) -> list[PageRow]:
    link = t.link.c
    keys = list(connection.execute(_NAMES, {"page_": page_id}).scalars())
    # One name, the usual case, is read in order from the index; several are sorted.
    to_page = link.dst_key == keys[0] if len(keys) == 1 else link.dst_key.in_(keys)
    query = (
        # Each page once, whatever it calls this one and however often.
        select(*ROW, link.src_key)
        .distinct()
        .join_from(t.link, t.page, p.id == link.src)
        .where(to_page, link.src_key > after_key, link.kind != "file")
        .where(p.id != page_id, _LIVE, *_seen(sees))
        .order_by(link.src_key)
        .limit(checked(limit))
    )
    return [page_row(row) for row in connection.execute(query)]


def using_file(
    connection: Connection, key: str, limit: int, sees: Sees
) -> list[PageRow]:
    link = t.link.c
    query = (
        select(*ROW)
        .join_from(t.link, t.page, p.id == link.src)
        .where(link.dst_key == key, link.kind == "file", _LIVE, *_seen(sees))
        .order_by(link.src_key)
        .limit(checked(limit))
    )
    return [page_row(row) for row in connection.execute(query)]


def history(
    connection: Connection,
    page_id: int,
    before: int | None,
    limit: int,
    sees: Sees,
) -> list[Revision]:
    values = {
        "page_": page_id,
        "before": before if before is not None else 2**62,
        "limit_": checked(limit),
    }
    query = _HISTORY
    if sees is not None:
        query = query.where(r.audience.in_(sorted(sees)))
    return [Revision(*row) for row in connection.execute(query, values)]


def recent(
    connection: Connection,
    *,
    before_seq: int | None,
    limit: int,
    prefix: str,
    author: str | None,
    sees: Sees,
) -> list[Change]:
    query = CHANGES.where(
        c.kind.in_(PAGE_KINDS), *_below(p.name_key, prefix), *_seen(sees)
    )
    if sees is not None:
        # A page that was for fewer people tells nothing of that time.
        query = query.where(c.audience.in_(sorted(sees)))
    if before_seq is not None:
        query = query.where(c.seq < before_seq)
    if author is not None:
        query = query.where(x.author_name == author)
    query = query.order_by(c.seq.desc()).limit(checked(limit))
    return to_changes(connection.execute(query))


def changes(
    connection: Connection, after_seq: int, limit: int, sees: Sees
) -> list[Change]:
    values = {"after": after_seq, "limit_": checked(limit)}
    query = _FEED
    if sees is not None:
        # A page that was for fewer people tells nothing of that time.
        query = query.where(c.audience.in_(sorted(sees)), *_seen(sees))
    return to_changes(connection.execute(query, values))


def to_changes(rows: Iterable[Row[Any]]) -> list[Change]:
    found = []
    for row in rows:
        (seq, kind, page, rev, ts, author, author_id, comment, origin, *rest) = row
        detail, name, title, audience, delta, txn = rest
        found.append(
            Change(
                seq,
                kind,
                page,
                rev,
                ts,
                author,
                author_id,
                comment,
                origin,
                json.loads(detail),
                # Empty for a change that is not about a page.
                name or "",
                title or "",
                audience or "",
                delta or 0,
                txn,
            )
        )
    return found


def wanted(connection: Connection, limit: int, sees: Sees) -> list[tuple[str, int]]:
    target = t.page.alias("target")
    there = [target.c.deleted_seq.is_(None)]
    if sees is not None:
        there.append(target.c.audience.in_(sorted(sees)))
    held = exists().where(
        n.key == t.link.c.dst_key, n.page == target.c.id, and_(*there)
    )
    linking = func.count(t.link.c.src.distinct())
    query = select(t.link.c.dst_key, linking).where(
        t.link.c.kind != "file", ~held.correlate(t.link)
    )
    if sees is not None:
        query = query.join(t.page, p.id == t.link.c.src).where(*_seen(sees))
    query = query.group_by(t.link.c.dst_key)
    query = query.order_by(linking.desc(), t.link.c.dst_key).limit(checked(limit))
    return [(key, count) for key, count in connection.execute(query)]


def orphans(connection: Connection, limit: int, sees: Sees) -> list[PageRow]:
    source = t.page.alias("source")
    linked = (
        select(t.link.c.src)
        .join_from(t.name, t.link, t.link.c.dst_key == n.key)
        .where(n.page == p.id, t.link.c.src != p.id, t.link.c.kind != "file")
    )
    if sees is not None:
        linked = linked.join(source, source.c.id == t.link.c.src)
        linked = linked.where(source.c.audience.in_(sorted(sees)))
    query = select(*ROW).where(_LIVE, ~linked.correlate(t.page).exists(), *_seen(sees))
    query = query.order_by(p.name_key).limit(checked(limit))
    return [page_row(row) for row in connection.execute(query)]


def tags(connection: Connection, limit: int, sees: Sees) -> list[tuple[str, int]]:
    count = func.count().label("pages")
    query = select(func.min(t.tag.c.tag), count).select_from(t.tag)
    if sees is not None:
        query = query.join(t.page, p.id == t.tag.c.page).where(*_seen(sees))
    query = query.group_by(t.tag.c.tag_key).order_by(count.desc(), t.tag.c.tag_key)
    query = query.limit(checked(limit))
    return [(tag, number) for tag, number in connection.execute(query)]


def audience_counts(
    connection: Connection, limit: int, sees: Sees
) -> list[tuple[str, int]]:
    count = func.count().label("pages")
    query = select(p.audience, count).where(_LIVE, *_seen(sees)).group_by(p.audience)
    query = query.order_by(count.desc(), p.audience).limit(checked(limit))
    return [(audience, number) for audience, number in connection.execute(query)]
