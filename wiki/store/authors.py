"""Puts another name in the place of an author's, wherever a store keeps it.

Texts are not touched: files on disk hold no author. The feed gets a row for each page
whose newest text is theirs, so that whoever shows or finds it by its author follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from wiki.model.actor import SYSTEM
from wiki.model.page import CommitResult

from . import tables as t
from .base import Author
from .memory_rows import MemoryRows, State
from .outcome import stamp_of
from .rows import NewChange, NewTxn, Rows
from .sql_rows import SqlRows


class NewName(NamedTuple):
    """What stands in an author's place; without ``keep_id`` nothing joins two rows."""

    author_id: int
    name: str
    keep_id: bool

    @property
    def id(self) -> int | None:
        return self.author_id if self.keep_id else None


class _Theirs(NamedTuple):
    """A page whose newest text is the author's."""

    id: int
    rev: int
    audience: str


def rename_in_sql(connection: Connection, new: NewName) -> int:
    """Return how many pages had the author's name on their newest text."""
    r, p = t.revision.c, t.page.c
    newest = (
        select(p.id, p.head_rev, p.audience)
        .join_from(t.page, t.revision, r.id == p.head_rev)
        .where(r.author_id == new.author_id)
        .order_by(p.id)
    )
    if not _has_written(connection, new.author_id):
        return 0
    pages = [_Theirs(*row) for row in connection.execute(newest)]
    seq = _tell(SqlRows(connection), pages)
    ids = select(r.page).where(r.author_id == new.author_id, r.id == p.head_rev)
    change = update(t.page).where(p.id.in_(ids.correlate(t.page)))
    connection.execute(change.values(mtime_author=new.name, moved=seq))
    values: dict[str, Any] = {"author_id": new.id, "author_name": new.name}
    for table in (t.revision, t.txn):
        theirs = table.c.author_id == new.author_id
        connection.execute(update(table).where(theirs).values(**values))
    return len(pages)


def _has_written(connection: Connection, author_id: int) -> bool:
    found = (
        select(table.c.id).where(table.c.author_id == author_id).limit(1)
        for table in (t.revision, t.txn)
    )
    return any(connection.execute(query).first() for query in found)


def rename_in_memory(state: State, new: NewName) -> int:
    """Do the same in a state that is this change's own."""
    theirs = [
        _Theirs(rec.id, rec.head_rev, rec.audience)
        for rec in state.pages.values()
        if state.revisions[rec.head_rev].author_id == new.author_id
    ]
    if all(it.author_id != new.author_id for it in state.txns.values()):
        return 0
    seq = _tell(MemoryRows(state), theirs)
    for page in theirs:
        rec = state.pages[page.id]
        state.pages[page.id] = replace(rec, mtime_author=new.name, moved=seq)
    values: dict[str, Any] = {"author_id": new.id, "author_name": new.name}
    for rev, revision in list(state.revisions.items()):
        if revision.author_id == new.author_id:
            state.revisions[rev] = replace(revision, **values)
    for id_, txn in list(state.txns.items()):
        if txn.author_id == new.author_id:
            state.txns[id_] = replace(txn, **values)
    return len(theirs)


def _tell(rows: Rows, pages: Iterable[_Theirs]) -> int:
    """Write the feed's rows and return the number of the last one.

    The first is about no page: even where older versions alone bear the name, what
    was kept of them is out of date.
    """
    first = rows.counter() + 1
    changes = [NewChange(first, "author", None, None, "admins", {})]
    for page in pages:
        seq = first + len(changes)
        changes.append(NewChange(seq, "author", page.id, page.rev, page.audience, {}))
    stamp = stamp_of(Author(SYSTEM.id, SYSTEM.name), "", "web", None, None, ())
    result = CommitResult(tuple(it.seq for it in changes), (), ())
    txn = NewTxn(
        first,
        stamp.ts,
        stamp.author.id,
        stamp.author.name,
        stamp.comment,
        stamp.origin,
        stamp.idem_key,
        stamp.sent,
        result,
    )
    rows.add_txn(txn, changes)
    rows.set_counter(changes[-1].seq)
    return changes[-1].seq
