"""The log of what was done to people, rights and settings; kept for one year."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select

from wiki.model.acts import Act

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

    def list(self, before: int | None, limit: int) -> list[Act]:
        """Return rows newest first, below an id."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
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
