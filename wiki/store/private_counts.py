"""How many people an audience is, and which groups there are to name in one."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true

from wiki.model import audience as audiences
from wiki.model.actor import ADMIN, ADMINS, MEMBERS

from .engine import Database
from .private_people import INSIDE
from .private_tables import group, membership, user

_GROUPS = select(group.c.name)


class AudienceCounts:
    """Counts people. Answers are kept while nothing changed in the database."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._mark = -1
        self._kept: dict[str, int] = {}
        self._groups: frozenset[str] | None = None

    def people(self, audience: str) -> int:
        """Return how many people with an account may read what is for an audience.

        Administrators read everything and are counted in.
        """
        self._look()
        if audience not in self._kept:
            self._kept[audience] = self._count(audience)
        return self._kept[audience]

    def groups(self) -> frozenset[str]:
        """Return the names of all groups; asked at page views, so kept too."""
        self._look()
        if self._groups is None:
            with self._db.reading() as connection:
                self._groups = frozenset(connection.execute(_GROUPS).scalars())
        return self._groups

    def _look(self) -> None:
        mark = self._db.mark()
        if mark != self._mark:
            self._mark, self._kept, self._groups = mark, {}, None

    def _count(self, audience: str) -> int:
        query = select(func.count()).select_from(user).where(INSIDE)
        if audience == ADMINS:
            query = query.where(user.c.role == ADMIN)
        else:
            parts = [
                _in_any(part)
                for part in audiences.clauses(audience)
                if not part & {"public", MEMBERS}
            ]
            query = query.where(or_(user.c.role == ADMIN, and_(true(), *parts)))
        with self._db.reading() as connection:
            return int(connection.execute(query).scalar_one())


def _in_any(part: frozenset[str]) -> ColumnElement[bool]:
    groups = sorted(word.removeprefix(audiences.GROUP) for word in part)
    return exists().where(
        membership.c.user == user.c.id, membership.c.group.in_(groups)
    )
