"""Changes of one page, by one account or of one commit, newest first, from an index."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from wiki.model.actor import may_see
from wiki.model.page import Change

from . import tables as t
from .base import ChangesOf
from .listing import CHANGES, checked, to_changes
from .memory_lists import change_at
from .memory_rows import State

p, c, x = t.page.c, t.change.c, t.txn.c


def in_sql(connection: Connection, wanted: ChangesOf) -> list[Change]:
    query = CHANGES.where(c.kind.in_(wanted.kinds), x.ts >= wanted.since)
    if wanted.page is not None:
        query = query.where(c.page == wanted.page)
    elif wanted.author_id is not None:
        # A commit is as old as its first change, so its own order is theirs.
        query = query.where(x.author_id == wanted.author_id).order_by(x.id.desc())
        if wanted.before is not None:
            query = query.where(x.id < wanted.before)
    else:
        query = query.where(c.txn == wanted.txn)
    if wanted.before is not None:
        query = query.where(c.seq < wanted.before)
    if wanted.sees is not None:
        seen = sorted(wanted.sees)
        query = query.where(p.audience.in_(seen), c.audience.in_(seen))
    query = query.order_by(c.seq.desc()).limit(checked(wanted.limit))
    return to_changes(connection.execute(query))


def in_memory(state: State, wanted: ChangesOf) -> list[Change]:
    found, last = list[Change](), checked(wanted.limit)
    for change in _matching(state, wanted):
        found.append(change)
        if len(found) == last:
            break
    return found


def _matching(state: State, wanted: ChangesOf) -> Iterator[Change]:
    last = min(state.counter, (wanted.before or 2**62) - 1)
    for seq in range(last, 0, -1):
        kept, txn_id = state.changes[seq]
        txn = state.txns[txn_id]
        fits = (
            wanted.page in (None, kept.page)
            and wanted.author_id in (None, txn.author_id)
            and wanted.txn in (None, txn_id)
            and kept.kind in wanted.kinds
            and txn.ts >= wanted.since
        )
        if fits:
            change = change_at(state, seq)
            if may_see(wanted.sees, change.audience) and may_see(
                wanted.sees, kept.audience
            ):
                yield change
