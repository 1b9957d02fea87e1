"""The rows of an SQL database as erasing sees them: every text that people wrote."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, null, select, update

from wiki.errors import CorruptData, Expunged
from wiki.model import names
from wiki.model.actor import ADMINS
from wiki.model.redaction import Redaction

from . import tables as t
from .erasing import NO_HASH, Kept
from .ready import CODEC, hashed, unpacked
from .rows import CURRENT, NameRec, PageRec
from .sql_rows import SqlRows, to_rec

_LAST = chr(0x10FFFF)
_AT_ONCE = 200

# Every text column has its place: here, or in the rows that erasing makes anew from
# the new texts (derived), or it holds no words of people (fixed). A test compares.
WORDS = {
    "txn": ("author_name", "comment", "idem_key", "result"),
    "change": ("audience", "detail"),
    "revision": ("author_name", "comment", "audience"),
    "audience": ("text",),
    "problem": ("path", "reason"),
    "topic": ("name",),
}
DERIVED = {
    "page": (
        *("name", "name_key", "ns_key", "path", "title", "title_key", "lang", "kind"),
        *("tags", "meta", "mtime_author", "old_path"),
    ),
    "name": ("key", "display"),
    "link": ("dst_key", "src_key"),
    "tag": ("tag_key", "tag", "page_key"),
    "field_value": ("field", "value"),
}
FIXED = {
    "txn": ("origin",),
    "change": ("kind",),
    # Erasing is refused where a rule or an audience would change.
    "page": ("audience", "own"),
    "rule": ("key", "area", "read", "edit"),
    "name": ("kind",),
    "revision": ("origin", "state", "codec"),
    "link": ("kind",),
    "consumer": ("name",),
    "alembic_version": ("version_num",),
}


class SqlErasing(SqlRows):
    """Implements `wiki.store.erasing.ErasableRows` within a transaction."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)

    def every_page(self, under: str) -> Iterator[PageRec]:
        query = select(t.page).where(*_below(under))
        for row in self._by_id(query, t.page.c.id):
            yield to_rec(row)

    def every_version(self, under: str) -> Iterator[Kept]:
        r = t.revision.c
        query = select(
            r.id, r.page, r.n, r.codec, r.body, r.author_name, r.comment
        ).where(*_of_pages(r.page, under))
        for row in self._by_id(query, r.id):
            text, damaged = None, False
            try:
                text = unpacked(row.codec, row.body)
            except Expunged:
                pass
            except CorruptData:
                damaged = True
            words = (row.author_name, row.comment)
            yield Kept(row.id, row.page, row.n, text, *words, damaged)

    def old_names(self, under: str) -> Iterator[tuple[str, NameRec]]:
        n = t.name.c
        query = select(n.key, n.page, n.kind, n.display).where(
            n.kind != CURRENT, *_of_pages(n.page, under)
        )
        for key, *rest in self._run(query).all():
            yield key, NameRec(*rest)

    def other_words(self, under: str) -> Iterator[tuple[int | None, str]]:
        c, x = t.change.c, t.txn.c
        query = select(c.page, x.author_name, x.comment).join_from(t.change, t.txn)
        query = query.where(c.rev.is_(None), *_of_pages(c.page, under))
        for page, *texts in self._run(query):
            yield from ((page, text) for text in texts)

    def audiences(self) -> list[str]:
        query = select(t.page.c.audience).distinct()
        return list(self._run(query).scalars())

    def numbered(self, page_id: int, n: int) -> int | None:
        r = t.revision.c
        found = self._run(select(r.id).where(r.page == page_id, r.n == n)).scalar()
        return None if found is None else int(found)

    def put_text(self, version: Kept, raw: bytes) -> None:
        r = t.revision.c
        old = self._run(select(r.size).where(r.id == version.id)).scalar_one()
        grown = len(raw) - old
        values = {"text_hash": hashed(raw), "size": len(raw), "codec": CODEC}
        self._run(
            update(t.revision)
            .where(r.id == version.id)
            .values(body=zlib.compress(raw), delta=r.delta + grown, **values)
        )
        self._run(
            update(t.revision)
            .where(r.page == version.page, r.base == version.id)
            .values(delta=r.delta - grown)
        )

    def drop_text(self, rev_id: int) -> None:
        values = {"text_hash": NO_HASH, "comment": "", "hidden": True, "size": 0}
        of_it = t.revision.c.id == rev_id
        txns = select(t.change.c.txn).where(t.change.c.rev == rev_id)
        self._run(update(t.txn).where(t.txn.c.id.in_(txns)).values(comment=""))
        self._run(update(t.revision).where(of_it).values(body=null(), **values))

    def redact_words(self, redaction: Redaction, under: str) -> None:
        here = _of_pages(t.change.c.page, under)
        txns = [t.txn.c.id.in_(select(t.change.c.txn).where(*here))] if under else []
        revisions = _of_pages(t.revision.c.page, under)
        apply, asks = redaction.apply, redaction.apply_json

        def nobody(text: str) -> str:
            return ADMINS if redaction.hits(text) else text

        def nothing(text: str) -> str | None:
            return None if redaction.hits(text) else text

        of_txn = {"author_name": apply, "comment": apply, "result": asks}
        self._redact(t.txn, {**of_txn, "idem_key": nothing}, txns)
        self._redact(t.change, {"audience": nobody, "detail": asks}, here)
        of_revision = {"author_name": apply, "comment": apply, "audience": nobody}
        self._redact(t.revision, of_revision, revisions)
        self._drop(t.audience, redaction)
        self._drop(t.problem, redaction)
        self._drop(t.topic, redaction)

    def _redact(
        self,
        table: Table,
        ways: Mapping[str, Callable[[str], str | None]],
        where: list[Any],
    ) -> None:
        """Rewrite the rows of a table in which one of its columns changes."""
        key = table.primary_key.columns[0]
        columns = [table.c[name] for name in ways]
        for row in self._by_id(select(key, *columns).where(*where), key):
            said = row._mapping
            new = {
                name: way(said[name])
                for name, way in ways.items()
                if said[name] is not None
            }
            if any(said[name] != value for name, value in new.items()):
                self._run(update(table).where(key == row[0]).values(**new))

    def _drop(self, table: Table, redaction: Redaction) -> None:
        """Remove rows that are found anew where they still hold."""
        key = table.primary_key.columns[0]
        for row in self._run(select(table)).all():
            if any(redaction.hits(it) for it in row if isinstance(it, str)):
                self._run(delete(table).where(key == row._mapping[key.name]))

    def _by_id(self, query: Select[Any], key: Any) -> Iterator[Any]:
        """Yield all rows in the order of a number, some at once."""
        last = 0
        while rows := self._run(
            query.where(key > last).order_by(key).limit(_AT_ONCE)
        ).all():
            yield from rows
            last = rows[-1]._mapping[key.name]


def _below(under: str) -> list[Any]:
    if not under:
        return []
    start = names.key(under)
    return [t.page.c.name_key >= start, t.page.c.name_key < start + _LAST]


def _of_pages(column: Any, under: str) -> list[Any]:
    return [column.in_(select(t.page.c.id).where(*_below(under)))] if under else []


__all__ = ["DERIVED", "FIXED", "WORDS", "SqlErasing"]
