"""Changes that wait for somebody to look at them, kept apart from the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from .private_base import PrivateRows
from .private_tables import proposal, user

_ROWS = select(proposal, user.c.display).join(user, user.c.id == proposal.c.user)
_WAITS = proposal.c.declined.is_(None)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft of a page as somebody new here saved it.

    ``page`` is None and ``base`` 0 for a new page. Times are ms UTC; ``declined`` is
    None while it waits.
    """

    id: int
    user: int
    author: str
    page: int | None
    name: str
    base: int
    text: str
    comment: str
    created: int
    declined: int | None


class ProposalRows(PrivateRows):
    """Rows in, rows out; who may see which is decided by ``wiki.reviewing``."""

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Lend a connection in a write transaction; raises Busy, NoSpace, ReadOnly."""
        with self._db.writing() as connection:
            yield connection

    def add(self, at: Connection, **values: Any) -> None:
        at.execute(proposal.insert().values(**values))

    def get(self, id_: int, at: Connection | None = None) -> Proposal | None:
        row = self._one(_ROWS.where(proposal.c.id == id_), at)
        return _proposal(row) if row else None

    def waiting(self, after: int, limit: int) -> list[Proposal]:
        """Return what waits, oldest first, above an id."""
        query = _ROWS.where(_WAITS, proposal.c.id > after).order_by(proposal.c.id)
        return [_proposal(row) for row in self._all(query.limit(limit), None)]

    def of(self, user_id: int, limit: int) -> list[Proposal]:
        """Return what one account sent, newest first, what was declined too."""
        query = _ROWS.where(proposal.c.user == user_id).order_by(proposal.c.id.desc())
        return [_proposal(row) for row in self._all(query.limit(limit), None)]

    def count(self, at: Connection, user_id: int) -> int:
        query = select(func.count()).where(_WAITS, proposal.c.user == user_id)
        return int(at.execute(query).scalar_one())

    def decline(self, at: Connection, id_: int, now: int) -> bool:
        """Note that a change was declined; False where it does not wait any more."""
        query = update(proposal).where(proposal.c.id == id_, _WAITS)
        return at.execute(query.values(declined=now)).rowcount > 0

    def drop(self, at: Connection, id_: int) -> None:
        at.execute(delete(proposal).where(proposal.c.id == id_))

    def forget(self, at: Connection, before: int) -> None:
        """Remove what was declined before a time."""
        at.execute(delete(proposal).where(proposal.c.declined < before))


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        row.id,
        row.user,
        row.display,
        row.page,
        row.name,
        row.base,
        row.text,
        row.comment,
        row.created,
        row.declined,
    )
