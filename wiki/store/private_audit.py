"""The log of what was done to people, rights and settings; kept for one year."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update

from wiki.model.acts import ABOUT_PEOPLE, Act

from .engine import Database
from .private_tables import audit


class ActRows:
    """Rows of the log in the private database."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(
        self,
        at: Connection,
        *,
        ts: int,
        actor_id: int | None,
        actor: str,
        act: str,
        subject: str,
        detail: Mapping[str, Any],
    ) -> None:
        text = json.dumps(dict(detail), ensure_ascii=False)
        at.execute(
            audit.insert().values(
                ts=ts,
                actor_id=actor_id,
                actor=actor,
                act=act,
                subject=subject,
                detail=text,
            )
        )

    def forget(self, at: Connection, before: int) -> None:
        at.execute(delete(audit).where(audit.c.ts < before))

    def list(
        self, before: int | None, limit: int, *, kind: str = "", person: str = ""
    ) -> list[Act]:
        """Return rows newest first, below an id."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        if kind:
            family = audit.c.act.startswith(f"{kind}.", autoescape=True)
            query = query.where((audit.c.act == kind) | family)
        if person:
            query = query.where(_of(person))
        with self._db.reading() as connection:
            return [
                Act(
                    row.id,
                    row.ts,
                    row.actor_id,
                    row.actor,
                    row.act,
                    row.subject,
                    json.loads(row.detail),
                )
                for row in connection.execute(query)
            ]

    def rename(
        self, at: Connection, user_id: int, old: str, new: str, *, forget: bool
    ) -> None:
        """Put another name in the place of a person's, in what they did and suffered.

        ``forget``: their id goes, too.
        """
        did = update(audit).where(audit.c.actor_id == user_id).values(actor=new)
        at.execute(did.values(actor_id=None) if forget else did)
        rows = select(audit.c.id, audit.c.act, audit.c.subject, audit.c.detail)
        for row in at.execute(rows.where(_ABOUT | _WITH)).all():
            detail = json.loads(row.detail)
            if row.act.startswith(ABOUT_PEOPLE) and _same(row.subject, old):
                change = {"subject": new}
            elif _same(str(detail.get("person", "")), old):
                told = {**detail, "person": new}
                change = {"detail": json.dumps(told, ensure_ascii=False)}
            else:
                continue
            at.execute(update(audit).where(audit.c.id == row.id).values(**change))


_ABOUT = or_(*(audit.c.act.startswith(it, autoescape=True) for it in ABOUT_PEOPLE))
_PERSON = func.json_extract(audit.c.detail, "$.person")
_WITH = _PERSON.is_not(None)


def _of(person: str) -> ColumnElement[bool]:
    """Return what finds acts by a person, or done to them."""
    return or_(
        func.lower(audit.c.actor) == func.lower(person),
        _ABOUT & (func.lower(audit.c.subject) == func.lower(person)),
        func.lower(_PERSON) == func.lower(person),
    )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
