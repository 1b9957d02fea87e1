"""The rows of one commit in an SQL database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from wiki.errors import NotFound
from wiki.model import names
from wiki.model.page import CommitResult, Facts
from wiki.model.rules import ROOT, Rule, Rules, places

from . import tables as t
from .derived import field_pairs, link_pairs, tag_pairs, to_json
from .ready import CODEC, unpacked
from .rows import (
    NameRec,
    NewChange,
    NewRevision,
    NewTxn,
    PageRec,
    RevisionRec,
    Ruled,
    Sig,
)

_id: Any = bindparam("id_")
_keys: Any = bindparam("keys", expanding=True)

PAGE = select(t.page)
PAGE_BY_ID = PAGE.where(t.page.c.id == _id)
PAGES_BY_ID = PAGE.where(t.page.c.id.in_(bindparam("ids", expanding=True)))
PAGES_BY_KEY = (
    select(t.page, t.name.c.key)
    .join_from(t.page, t.name, t.name.c.page == t.page.c.id)
    .where(t.name.c.key.in_(_keys))
)
_NAME = select(t.name.c.page, t.name.c.kind, t.name.c.display).where(
    t.name.c.key == bindparam("key_")
)
_NAMES_OF = select(t.name.c.key).where(t.name.c.page == _id)
_DROP_NAME = delete(t.name).where(t.name.c.key == bindparam("key_"))
_ADD_NAME = insert(t.name)
_PARK = (
    update(t.page)
    .where(t.page.c.id == _id)
    .values(name_key=bindparam("parked"), path=bindparam("parked"))
)
_UPDATE = update(t.page).where(t.page.c.id == _id)
_REVISION = select(
    t.revision.c.id,
    t.revision.c.page,
    t.revision.c.n,
    t.revision.c.state,
    t.revision.c.seq,
    t.revision.c.text_hash,
).where(t.revision.c.id == _id)
_TEXT = select(t.revision.c.codec, t.revision.c.body).where(t.revision.c.id == _id)
_ANSWERED = select(t.txn.c.result).where(t.txn.c.idem_key == bindparam("key_"))
_COUNTER = select(t.counter.c.n).where(t.counter.c.id == 1)
_SET_COUNTER = update(t.counter).where(t.counter.c.id == 1).values(n=bindparam("n_"))
_DROP_TOPICS = delete(t.topic).where(t.topic.c.name.in_(_keys))
_CLEAR = [delete(table).where(table.c.page == _id) for table in (t.tag, t.field_value)]
_CLEAR_LINKS = delete(t.link).where(t.link.c.src == _id)
_MARK_MOVED = (
    update(t.page)
    .where(
        t.page.c.id.in_(
            select(t.link.c.src).where(
                t.link.c.dst_key.in_(_keys), t.link.c.kind != "file"
            )
        )
    )
    .values(moved=bindparam("seq_"))
)
_RULES = select(t.rule.c.area, t.rule.c.read, t.rule.c.edit)
_RULES_ON = _RULES.where(t.rule.c.key.in_(_keys))
_AUDIENCE = select(t.audience.c.text).where(t.audience.c.text == bindparam("text_"))
_RULED = select(
    *(t.page.c.id, t.page.c.name_key, t.page.c.kind, t.page.c.own),
    *(t.page.c.audience, t.page.c.head_rev),
)
_SET_AUDIENCE = (
    update(t.page)
    .where(t.page.c.id == _id)
    .values(audience=bindparam("to"), moved=bindparam("seq_"))
)
_SET_THEN = (
    update(t.revision)
    .where(t.revision.c.id == bindparam("rev_"))
    .values(audience=bindparam("to"))
)
_MARK_LINKING = (
    update(t.page)
    .where(
        t.page.c.id.in_(
            select(t.link.c.src)
            .join(t.name, t.name.c.key == t.link.c.dst_key)
            .join(_moved := t.page.alias(), _moved.c.id == t.name.c.page)
            .where(_moved.c.moved == bindparam("seq_"), t.link.c.kind != "file")
        )
    )
    .values(moved=bindparam("seq_"))
)
_LAST = chr(0x10FFFF)
# Below the number of variables that any supported SQLite takes in one statement.
_SLICE = 500


def to_rec(row: Row[Any]) -> PageRec:
    """Return a row of the page table as the commit and the scan see it."""
    return PageRec(
        id=row.id,
        name=row.name,
        name_key=row.name_key,
        path=row.path,
        head_rev=row.head_rev,
        head_n=row.head_n,
        last_n=row.last_n,
        text_hash=row.text_hash,
        size=row.size,
        title=row.title,
        lang=row.lang,
        kind=row.kind,
        audience=row.audience,
        own=row.own,
        tags=tuple(json.loads(row.tags)),
        meta=json.loads(row.meta),
        mtime=row.mtime,
        mtime_author=row.mtime_author,
        moved=row.moved,
        deleted_seq=row.deleted_seq,
        file_hash=row.file_hash,
        file_seq=row.file_seq,
        sig=Sig(row.file_mtime_ns, row.file_size, row.file_ino),
        pending=bool(row.pending),
        old_paths=tuple(json.loads(row.old_path)) if row.old_path else (),
    )


def to_columns(rec: PageRec) -> dict[str, Any]:
    """Return the columns of a page row, all but its id."""
    return {
        "name": rec.name,
        "name_key": rec.name_key,
        "ns_key": names.namespace(rec.name_key),
        "path": rec.path,
        "head_rev": rec.head_rev,
        "head_n": rec.head_n,
        "last_n": rec.last_n,
        "text_hash": rec.text_hash,
        "size": rec.size,
        "title": rec.title,
        "title_key": names.key(rec.title),
        "lang": rec.lang,
        "kind": rec.kind,
        "audience": rec.audience,
        "own": rec.own,
        "tags": to_json(list(rec.tags)),
        "meta": to_json(rec.meta),
        "mtime": rec.mtime,
        "mtime_author": rec.mtime_author,
        "moved": rec.moved,
        "deleted_seq": rec.deleted_seq,
        "file_hash": rec.file_hash,
        "file_seq": rec.file_seq,
        "file_mtime_ns": rec.sig.mtime_ns,
        "file_size": rec.sig.size,
        "file_ino": rec.sig.ino,
        "pending": int(rec.pending),
        "old_path": to_json(list(rec.old_paths)) if rec.old_paths else None,
    }


def pages_where(
    connection: Connection, query: Select[Any], parameter: str, values: Sequence[Any]
) -> list[Row[Any]]:
    """Return the rows of a query with one list in it, taken in slices."""
    found: list[Row[Any]] = []
    for at in range(0, len(values), _SLICE):
        part = {parameter: list(values[at : at + _SLICE])}
        found += connection.execute(query, part).all()
    return found


class SqlRows:
    """Implements `wiki.store.rows.Rows` within the transaction of a connection."""

    def __init__(self, connection: Connection) -> None:
        self._run = connection.execute

    def counter(self) -> int:
        return int(self._run(_COUNTER).scalar_one())

    def set_counter(self, n: int) -> None:
        self._run(_SET_COUNTER, {"n_": n})

    def answered(self, idem_key: str) -> tuple[CommitResult, str] | None:
        kept = self._run(_ANSWERED, {"key_": idem_key}).scalar()
        if kept is None:
            return None
        said = json.loads(kept)
        return result_from(said), said.get("sent", "")

    def page(self, page_id: int) -> PageRec | None:
        row = self._run(PAGE_BY_ID, {"id_": page_id}).first()
        return None if row is None else to_rec(row)

    def held(self, key: str) -> NameRec | None:
        row = self._run(_NAME, {"key_": key}).first()
        return None if row is None else NameRec(*row)

    def names_of(self, page_id: int) -> list[str]:
        return list(self._run(_NAMES_OF, {"id_": page_id}).scalars())

    def park(self, page_ids: Sequence[int]) -> None:
        # No key and no path begins with a slash.
        self._run(_PARK, [{"id_": id_, "parked": f"/{id_}"} for id_ in page_ids])

    def insert_page(self, rec: PageRec) -> int:
        row = self._run(insert(t.page), to_columns(rec)).inserted_primary_key
        assert row is not None
        return int(row[0])

    def update_pages(self, recs: Sequence[PageRec]) -> None:
        self._run(_UPDATE, [{**to_columns(rec), "id_": rec.id} for rec in recs])

    def set_name(self, key: str, name: NameRec) -> None:
        self.drop_name(key)
        self._run(_ADD_NAME, {"key": key, **name._asdict()})

    def drop_name(self, key: str) -> None:
        self._run(_DROP_NAME, {"key_": key})

    def add_revision(self, revision: NewRevision) -> int:
        columns = {name: getattr(revision, name) for name in revision.__slots__}
        columns |= {"codec": CODEC, "hidden": False}
        row = self._run(insert(t.revision), columns).inserted_primary_key
        assert row is not None
        return int(row[0])

    def revision(self, rev_id: int) -> RevisionRec | None:
        row = self._run(_REVISION, {"id_": rev_id}).first()
        return None if row is None else RevisionRec(*row)

    def text(self, rev_id: int) -> str:
        row = self._run(_TEXT, {"id_": rev_id}).first()
        if row is None:
            raise NotFound
        return unpacked(row.codec, row.body)

    def rules_on(self, key: str) -> Rules:
        keys = [*places(key), ROOT]
        return Rules(Rule(*row) for row in self._run(_RULES_ON, {"keys": keys}))

    def all_rules(self) -> Rules:
        return Rules(Rule(*row) for row in self._run(_RULES))

    def put_rule(self, key: str, rule: Rule | None) -> None:
        self._run(delete(t.rule).where(t.rule.c.key == key))
        if rule is not None:
            values = {"area": rule.area, "read": rule.read, "edit": rule.edit}
            self._run(insert(t.rule), {"key": key, **values})

    def below(self, area_key: str) -> list[Ruled]:
        query, key = _RULED, t.page.c.name_key
        if area_key.endswith("/"):
            query = query.where(key >= area_key, key < area_key + _LAST)
        elif area_key:
            query = query.where(key == area_key)
        return [Ruled(*row) for row in self._run(query)]

    def set_audiences(self, changed: Sequence[tuple[Ruled, str]], seq: int) -> None:
        self._run(
            _SET_AUDIENCE, [{"id_": it.id, "to": to, "seq_": seq} for it, to in changed]
        )
        self._run(_SET_THEN, [{"rev_": it.head_rev, "to": to} for it, to in changed])
        self._run(_MARK_LINKING, {"seq_": seq})

    def note_audience(self, audience: str) -> bool:
        if self._run(_AUDIENCE, {"text_": audience}).first() is not None:
            return False
        self._run(insert(t.audience), {"text": audience})
        return True

    def set_derived(self, rec: PageRec, facts: Facts | None, fresh: bool) -> None:
        if not fresh:
            self._run(_CLEAR_LINKS, {"id_": rec.id})
            for clear in _CLEAR:
                self._run(clear, {"id_": rec.id})
        if facts is None:
            return
        self._add(
            t.link,
            [
                {"src": rec.id, "dst_key": key, "kind": kind, "src_key": rec.name_key}
                for key, kind in link_pairs(facts)
            ],
        )
        self._add(
            t.tag,
            [
                {"page": rec.id, "tag_key": key, "tag": tag, "page_key": rec.name_key}
                for key, tag in tag_pairs(facts.tags).items()
            ],
        )
        self._add(
            t.field_value,
            [
                {"page": rec.id, "field": field, "value": value}
                for field, value in field_pairs(facts)
            ],
        )

    def _add(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._run(insert(table), rows)

    def mark_moved(self, keys: Iterable[str], seq: int) -> None:
        every = list(keys)
        for at in range(0, len(every), _SLICE):
            part = every[at : at + _SLICE]
            self._run(_MARK_MOVED, {"keys": part, "seq_": seq})

    def set_topics(self, names: Iterable[str], seq: int) -> None:
        every = list(names)
        if every:
            self._run(_DROP_TOPICS, {"keys": every})
            self._run(insert(t.topic), [{"name": name, "seq": seq} for name in every])

    def add_txn(self, txn: NewTxn, changes: Sequence[NewChange]) -> None:
        columns = {
            "id": txn.id,
            "ts": txn.ts,
            "author_id": txn.author_id,
            "author_name": txn.author_name,
            "comment": txn.comment,
            "origin": txn.origin,
            "idem_key": txn.idem_key,
            "result": _answer(txn) if txn.idem_key else None,
        }
        self._run(insert(t.txn), columns)
        self._run(
            insert(t.change),
            [
                {**it._asdict(), "txn": txn.id, "detail": to_json(it.detail)}
                for it in changes
            ],
        )


_RESULT = ("seqs", "revs", "pages", "notices")


def _answer(txn: NewTxn) -> str:
    return to_json({**result_to(txn.result), "sent": txn.sent})


def result_to(result: CommitResult) -> dict[str, Any]:
    return {name: getattr(result, name) for name in _RESULT}


def result_from(kept: dict[str, Any]) -> CommitResult:
    seqs, revs, pages, notices = (tuple(kept[name]) for name in _RESULT)
    return CommitResult(seqs, revs, pages, notices)
