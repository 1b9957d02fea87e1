"""Answers that walk all links or tags, kept until the next change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from wiki.model.actor import Sees

from . import reading
from .engine import Database

T = TypeVar("T")
_KEPT = 64


class Tallies:
    """Keyed by query, limit and audiences; one change makes all of them stale."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._seq = 0
        self._kept: dict[Any, Any] = {}

    def get(
        self, query: Callable[[Connection, int, Sees], list[T]], limit: int, sees: Sees
    ) -> list[T]:
        """Return what a query answers, from memory where nothing has changed."""
        with self._database.reading() as connection:
            # Before the query: what it sees may be newer, never older.
            seq = reading.last_seq(connection)
            kept: list[T] | None = self._look(seq, (query, limit, sees))
            if kept is None:
                kept = query(connection, limit, sees)
                self._keep(seq, (query, limit, sees), kept)
        return list(kept)

    def _look(self, seq: int, key: object) -> Any:
        with self._lock:
            return self._kept.get(key) if self._seq == seq else None

    def _keep(self, seq: int, key: object, value: object) -> None:
        with self._lock:
            if self._seq != seq or len(self._kept) >= _KEPT:
                self._kept = {}
            self._seq = seq
            self._kept[key] = value
