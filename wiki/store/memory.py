"""The store in memory: same rules, no files, gone at the end. For tests and authors."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from wiki.errors import Conflict, Gone, NotFound
from wiki.model import names
from wiki.model.actor import Sees, may_see
from wiki.model.acts import FORMER
from wiki.model.page import CommitResult, Op, Page, PageRow, Put, Redirect
from wiki.model.rules import Rule, Rules

from . import memory_lists as lists
from . import page_changes
from .applying import Applying
from .authors import NewName, rename_in_memory
from .base import (
    Audiences,
    Author,
    Beside,
    Besides,
    Changes,
    ChangesOf,
    Counted,
    Describe,
    Effect,
    Ids,
    Merge,
    PageRows,
    Revisions,
    ScanReport,
)
from .beside import chunks, clean_file_name, new_file_name
from .core import now_ms
from .memory_erasing import ErasingMemory
from .memory_rows import MemoryRows, State
from .outcome import answered, check_ops, stamp_of
from .read_only import ReadOnlyFlag
from .ready import encoded
from .rows import PUBLISHED, REDIRECT, PageRec
from .ruling import change_rule, counted, effect


class MemoryStore(ErasingMemory):
    """Implements `wiki.store.base.Store` in dictionaries."""

    def __init__(
        self, describe: Describe, merge: Merge, read_only: ReadOnlyFlag | None = None
    ) -> None:
        self._describe, self._merge = describe, merge
        # Without one there is nothing that could set it.
        self.read_only = read_only or ReadOnlyFlag(Path("/nowhere"))
        self._state = State()
        self._lock = threading.Lock()
        self._committed = threading.Condition()
        self._consumers: dict[str, int] = {}
        self._beside: dict[tuple[str, str], tuple[bytes, int]] = {}

    def close(self) -> None:
        """Nothing to close: everything goes with the object."""

    # -- one page

    def get(
        self, ref: str | int, rev: int | None = None, *, sees: Sees = None
    ) -> Page | Redirect:
        state = self._state
        rec, redirect = self._find(state, ref)
        if rec is None or not may_see(sees, rec.audience):
            raise NotFound
        if rec.deleted_seq is not None:
            txn = state.txns[state.changes[rec.deleted_seq][1]]
            raise Gone(rec.id, rec.name, rec.head_rev, txn.ts, txn.author_name)
        if redirect:
            return Redirect(rec.id, rec.name, rec.audience)
        page = self._page(state, rec, rev)
        if not may_see(sees, state.revisions[page.rev].audience):
            raise NotFound
        return page

    def _find(self, state: State, ref: str | int) -> tuple[PageRec | None, bool]:
        if isinstance(ref, int):
            return state.pages.get(ref), False
        held = state.names.get(names.key(names.clean(ref)))
        if held is None:
            return None, False
        return state.pages[held.page], held.kind == REDIRECT

    def _page(self, state: State, rec: PageRec, rev: int | None) -> Page:
        rev_id = rec.head_rev if rev is None else _numbered(state, rec.id, rev)
        it = state.revisions[rev_id]
        return Page(
            id=rec.id,
            name=rec.name,
            key=rec.name_key,
            text=MemoryRows(state).text(rev_id),
            rev=rev_id,
            n=it.n,
            head=rec.head_rev,
            title=rec.title,
            kind=rec.kind,
            lang=rec.lang,
            audience=rec.audience,
            tags=rec.tags,
            meta=rec.meta,
            ts=it.ts,
            author=it.author_name,
            author_id=it.author_id,
            comment=it.comment,
            moved=rec.moved,
        )

    def head(self, ref: str | int) -> tuple[int, int, int] | None:
        rec, _ = self._find(self._state, ref)
        if rec is None or rec.deleted:
            return None
        return rec.id, rec.head_rev, rec.mtime

    def heads(self, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
        found = (self.head(page_id) for page_id in ids)
        return {it[0]: it[1:] for it in found if it is not None}

    def exists(self, keys: Iterable[str], *, sees: Sees = None) -> dict[str, PageRow]:
        state, found = self._state, {}
        for key in keys:
            held = state.names.get(key)
            rec = state.pages[held.page] if held else None
            if rec and not rec.deleted and may_see(sees, rec.audience):
                found[key] = lists.page_row(rec)
        return found

    def file_stamp(self, page_id: int) -> tuple[str, int, int, int] | None:
        return None

    # -- lists

    def list(
        self,
        *,
        prefix: str = "",
        tag: str | None = None,
        kind: str | None = None,
        after_key: str = "",
        limit: int = 50,
        include_deleted: bool = False,
        sees: Sees = None,
    ) -> tuple[PageRows, str | None]:
        return lists.pages(
            self._state,
            prefix=prefix,
            tag=tag,
            kind=kind,
            after_key=after_key,
            limit=limit,
            include_deleted=include_deleted,
            sees=sees,
        )

    def records(
        self,
        kind: str,
        where: Mapping[str, str] | None = None,
        *,
        after_key: str = "",
        limit: int = 100,
        sees: Sees = None,
    ) -> tuple[PageRows, str | None]:
        return lists.records(
            self._state,
            kind,
            where or {},
            after_key=after_key,
            limit=limit,
            sees=sees,
        )

    def ids(self, after: int, limit: int) -> Ids:
        return lists.ids(self._state, after, limit)

    def find_titles(self, text: str, limit: int = 20, *, sees: Sees = None) -> PageRows:
        return lists.find_titles(self._state, text, limit, sees)

    def stamps(self) -> dict[str, int]:
        return dict(self._state.topics)

    def history(
        self,
        page_id: int,
        *,
        before: int | None = None,
        limit: int = 50,
        sees: Sees = None,
    ) -> Revisions:
        return lists.history(self._state, page_id, before, limit, sees)

    def revision_text(self, rev_id: int) -> str:
        return MemoryRows(self._state).text(rev_id)

    def recent(
        self,
        *,
        before_seq: int | None = None,
        limit: int = 50,
        prefix: str = "",
        author: str | None = None,
        sees: Sees = None,
    ) -> Changes:
        return lists.recent(
            self._state,
            before_seq=before_seq,
            limit=limit,
            prefix=prefix,
            author=author,
            sees=sees,
        )

    def changes_of(self, wanted: ChangesOf) -> Changes:
        return page_changes.in_memory(self._state, wanted)

    def backlinks(
        self, page_id: int, *, after_key: str = "", limit: int = 50, sees: Sees = None
    ) -> PageRows:
        return lists.backlinks(
            self._state, page_id, after_key=after_key, limit=limit, sees=sees
        )

    def using_file(self, key: str, limit: int = 1, *, sees: Sees = None) -> PageRows:
        return lists.using_file(self._state, key, limit, sees)

    def wanted(self, limit: int = 50, *, sees: Sees = None) -> Counted:
        return lists.wanted(self._state, limit, sees)

    def orphans(self, limit: int = 50, *, sees: Sees = None) -> PageRows:
        return lists.orphans(self._state, limit, sees)

    def tags(self, *, sees: Sees = None, limit: int = 500) -> Counted:
        return lists.tags(self._state, limit, sees)

    def audience_counts(self, limit: int = 500) -> Counted:
        return lists.audience_counts(self._state, limit)

    # -- writing

    def commit(
        self,
        ops: Sequence[Op],
        author: Author,
        *,
        comment: str = "",
        origin: str = "web",
        idempotency_key: str | None = None,
        ts: int | None = None,
    ) -> CommitResult:
        check_ops(ops, origin)
        self.read_only.check()
        stamp = stamp_of(author, comment, origin, idempotency_key, ts, ops)
        # Texts are checked before anything else, as in every store.
        for op in ops:
            if isinstance(op, Put):
                encoded(op.text)
        with self._lock:
            state = self._state.copy()
            rows = MemoryRows(state)
            if (earlier := answered(rows, ops, stamp)) is not None:
                return earlier
            applying = Applying(rows, self._describe, stamp, files=False)
            try:
                result = applying.run(ops, [None] * len(ops)).result
            except Gone as gone:
                self.get(gone.page_id)
                raise
            if not result.unchanged:
                # All at once: readers go on with the state they have.
                self._state = state
        with self._committed:
            self._committed.notify_all()
        return result

    def forget_author(
        self, author_id: int, instead: str = FORMER, *, keep_id: bool = False
    ) -> int:
        self.read_only.check()
        with self._lock:
            state = self._state.copy()
            pages = rename_in_memory(state, NewName(author_id, instead, keep_id))
            self._state = state
        return pages

    # -- rules on areas

    def rules(self) -> Rules:
        return MemoryRows(self._state).all_rules()

    def set_rule(self, area: str, rule: Rule | None, author: Author) -> int:
        self.read_only.check()
        stamp = stamp_of(author, "", "web", None, None, ())
        with self._lock:
            state = self._state.copy()
            changed = change_rule(MemoryRows(state), rule, area, stamp)
            self._state = state
        return changed

    def rule_effect(self, area: str, rule: Rule | None) -> Effect:
        return counted(effect(MemoryRows(self._state), rule, area))

    def audiences(self) -> Audiences:
        return list(self._state.audiences)

    # -- the change feed

    def last_seq(self) -> int:
        return self._state.counter

    def change_mark(self) -> int:
        return self._state.counter

    def changes(
        self, after_seq: int, limit: int = 500, *, sees: Sees = None
    ) -> Changes:
        return lists.changes(self._state, after_seq, limit, sees)

    def wait(self, after_seq: int, timeout: float) -> bool:
        with self._committed:
            return self._committed.wait_for(
                lambda: self._state.counter > after_seq, timeout
            )

    def checkpoint(self, consumer: str) -> int:
        return self._consumers.get(consumer, 0)

    def advance(self, consumer: str, from_seq: int, to_seq: int) -> None:
        with self._lock:
            if self.checkpoint(consumer) != from_seq:
                raise Conflict(0, from_seq, self.checkpoint(consumer))
            self._consumers[consumer] = to_seq

    # -- files beside pages

    def beside(self, page_name: str) -> Besides:
        place = names.namespace(names.clean(page_name))
        return sorted(
            (
                Beside(page_name, name, len(data), mtime)
                for (folder, name), (data, mtime) in self._beside.items()
                if folder == place and "/" not in name
            ),
            key=lambda it: it.name,
        )

    def open_beside(self, page_name: str, file_name: str) -> BinaryIO:
        place = names.namespace(names.clean(page_name))
        kept = self._beside.get((place, clean_file_name(file_name)))
        if kept is None:
            raise NotFound
        return io.BytesIO(kept[0])

    def put_beside(self, page_name: str, file_name: str, data: BinaryIO) -> None:
        self.read_only.check()
        place = names.namespace(names.clean(page_name))
        raw = b"".join(chunks(data))
        self._beside[place, new_file_name(file_name)] = raw, now_ms()

    # -- upkeep

    def scan(
        self, paths: Sequence[str] | None = None, *, accept_missing: bool = False
    ) -> ScanReport:
        return ScanReport()

    def write_missing(self) -> int:
        return 0

    def settle(self) -> int:
        return 0

    def problems(self) -> dict[str, str]:
        return {}

    def counts(self) -> dict[str, Any]:
        state = self._state
        return {
            "pages": sum(not rec.deleted for rec in state.pages.values()),
            "revisions": len(state.revisions),
            "pending": 0,
        }


def _numbered(state: State, page_id: int, n: int) -> int:
    for rev_id, it in state.revisions.items():
        if it.page == page_id and it.n == n and it.state == PUBLISHED:
            return rev_id
    raise NotFound
