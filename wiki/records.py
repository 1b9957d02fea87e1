"""Structured front matter of all pages of a type, queried by field.

Asked for while a page is being rendered, the page depends on the answer and is
rendered anew when a record of that type changes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from .errors import NotFound, WikiError
from .model import names
from .model.actor import Sees
from .model.page import Page, PageRow, Redirect
from .model.parts import Record
from .rendering import depend, readers_key
from .store.base import Store

MAX_RECORDS = 10_000
FEW = 200  # changes that are looked at one by one


class Stamps:
    """The stamps of a store, read again only when anything was committed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: tuple[int, Mapping[str, int]] | None = None

    def __call__(self) -> Mapping[str, int]:
        mark = self._store.change_mark()
        kept = self._kept
        if kept is None or kept[0] != mark:
            kept = self._kept = (mark, self._store.stamps())
        return kept[1]


class Records:
    """Records over a store; answers of ``all`` are kept until the stamp moves."""

    def __init__(self, store: Store) -> None:
        self._store, self._stamps = store, Stamps(store)
        self._kept: dict[tuple[str, str], tuple[int, list[Record]]] = {}

    def stamp(self, topic: str) -> int:
        """Return the number of a topic's last change."""
        stamp = self._stamps().get(topic, 0)
        depend(topic, stamp)
        return stamp

    def some(
        self,
        page_type: str,
        sees: Sees,
        where: Mapping[str, str] | None = None,
        after_key: str = "",
        limit: int = 100,
    ) -> tuple[list[Record], str | None]:
        """Return records whose fields hold the given values, and the next key."""
        self.stamp(f"records:{page_type}")
        rows, following = self._store.records(
            page_type, where or {}, after_key=after_key, limit=limit, sees=sees
        )
        return [_of_row(row) for row in rows], following

    def all(self, page_type: str, sees: Sees) -> list[Record]:
        """Return all visible records of a type, 10,000 at most."""
        stamp = self.stamp(f"records:{page_type}")
        key = (page_type, readers_key(sees))
        kept = self._kept.get(key)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        found = self._changed(kept, page_type, sees) if kept else None
        if found is None:
            found = self._read_all(page_type, sees)
        self._kept[key] = (stamp, found)
        return found

    def _read_all(self, page_type: str, sees: Sees) -> list[Record]:
        found: list[Record] = []
        after: str | None = ""
        while after is not None and len(found) < MAX_RECORDS:
            rows, after = self.some(page_type, sees, after_key=after, limit=500)
            found.extend(rows)
        return found

    def _changed(
        self, kept: tuple[int, list[Record]], page_type: str, sees: Sees
    ) -> list[Record] | None:
        """Return the kept records with the few that changed since; None: too many."""
        changes = self._store.changes(kept[0], FEW)
        if len(changes) == FEW:
            return None
        touched = {change.page for change in changes if change.page}
        found = [record for record in kept[1] if record.id not in touched]
        for page_id in touched:
            with contextlib.suppress(NotFound):
                page = self._store.get(page_id, sees=sees)
                if isinstance(page, Page) and page.kind == page_type:
                    found.append(_of_page(page))
        found.sort(key=lambda record: names.key(record.name))
        return found[:MAX_RECORDS]

    def one(self, name: str, sees: Sees) -> Record | None:
        """Return one page as a record, or None where there is none to be seen."""
        with contextlib.suppress(WikiError):
            page = self._store.get(names.clean(name), sees=sees)
            if isinstance(page, Redirect):
                page = self._store.get(page.name, sees=sees)
            if isinstance(page, Page):
                self.stamp(f"records:{page.kind}")
                return _of_page(page)
        return None


def _of_page(page: Page) -> Record:
    return Record(
        page.id,
        page.name,
        page.title,
        page.meta,
        page.lang,
        page.audience,
        page.tags,
        page.ts,
        page.rev,
    )


def _of_row(row: PageRow) -> Record:
    return Record(
        row.id,
        row.name,
        row.title,
        row.meta,
        row.lang,
        row.audience,
        row.tags,
        row.mtime,
        row.rev,
    )
