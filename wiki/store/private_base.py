"""What the topics of the private database share: one file, one way to ask it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from .engine import Database


class PrivateRows:
    """Rows of the private database, read inside a transaction or by themselves."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def _all(
        self, query: Any, at: Connection | None, params: Any = None
    ) -> Sequence[Row[Any]]:
        if at is not None:
            return at.execute(query, params or {}).all()
        with self._db.reading() as connection:
            return connection.execute(query, params or {}).all()

    def _one(
        self, query: Any, at: Connection | None, params: Any = None
    ) -> Row[Any] | None:
        if at is not None:
            return at.execute(query, params or {}).first()
        with self._db.reading() as connection:
            return connection.execute(query, params or {}).first()
