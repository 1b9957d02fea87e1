"""A stand-in for the wiki: records by type, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from wiki import Record, Sees
from wiki_coalitions.directory import Catalog, Directory

VISITOR: Sees = frozenset({"public"})
MEMBER: Sees = frozenset({"public", "members"})
TODAY = date(2026, 11, 24)


class Shelf:
    """Records by name; ``put(name, type, **fields)`` adds one."""

    def __init__(self) -> None:
        self._records: dict[str, tuple[str, Record]] = {}
        self.moved: dict[str, str] = {}
        self.changes = 0

    def put(self, name: str, kind: str = "group", **fields: Any) -> None:
        audience = fields.pop("page_audience", "public")
        title = fields.setdefault("title", name.rpartition("/")[2])
        self.changes += 1
        page_id = self._records[name][1].id if name in self._records else self.changes
        self._records[name] = (
            kind,
            Record(page_id, name, title, fields, audience=audience, rev=self.changes),
        )

    def all_records(self, kind: str, sees: Sees) -> list[Record]:
        return [
            record
            for own, record in self._records.values()
            if own == kind and (sees is None or record.audience in sees)
        ]

    def record(self, name: str, sees: Sees) -> Record | None:
        kind, record = self._records.get(self.moved.get(name, name), ("", None))
        visible = record and (sees is None or record.audience in sees)
        return record if kind and visible else None

    def stamp(self, topic: str) -> int:
        return self.changes

    def seen_by(self, sees: Sees, today: date = TODAY) -> Directory:
        return Directory(Catalog(self), sees, today)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def seen(shelf: Shelf) -> Callable[..., Directory]:
    """Return ``seen(role)``: the directory as these people see it."""
    sees = {"visitor": VISITOR, "member": MEMBER, "admin": None}
    return lambda role="visitor": shelf.seen_by(sees[role])
