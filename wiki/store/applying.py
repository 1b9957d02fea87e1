"""Applies the operations of one commit to the rows: the rules of section 8.

Nothing here reads or writes files, takes locks or knows an engine. An error leaves
half-written rows behind: the store that called rolls its transaction back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wiki.errors import Conflict, Expunged, Gone, NameTaken, NotFound
from wiki.model import names
from wiki.model.audience import is_compound, is_wider
from wiki.model.page import (
    ANY,
    NEW,
    Base,
    CommitResult,
    Delete,
    Op,
    Put,
    Rename,
    Restore,
)

from .base import Describe
from .outcome import Outcome, Stamp, Touched, new_revision, written_at
from .ready import Ready, make_ready
from .rows import (
    CURRENT,
    REDIRECT,
    NameRec,
    NewChange,
    NewTxn,
    PageRec,
    Rows,
)

TOOK_OVER = (
    "This name led to another page until now. It leads to this page from now on."
)


class Applying:
    """One commit on its way into the rows. ``files``: texts also go to a folder."""

    def __init__(
        self, rows: Rows, describe: Describe, stamp: Stamp, *, files: bool
    ) -> None:
        self._rows, self._describe, self._stamp = rows, describe, stamp
        self._files = files
        self._first = self._seq = rows.counter()
        self._before: dict[int, PageRec | None] = {}
        self._pages: dict[int, PageRec] = {}
        self._raw: dict[int, bytes] = {}
        self._changes: list[NewChange] = []
        self._topics: set[str] = set()
        self._moved: set[str] = set()
        self._notices: list[str] = []
        # Keys of pages that this commit renames, and keys it has given out.
        self._leaving: set[str] = set()
        self._assigned: set[str] = set()

    def run(self, ops: Sequence[Op], readies: Sequence[Ready | None]) -> Outcome:
        """Apply all operations; raises what `Store.commit` raises."""
        self._park(ops)
        done = [self._one(op, it) for op, it in zip(ops, readies, strict=True)]
        result = CommitResult(
            seqs=tuple(change.seq for change in self._changes),
            revs=tuple(rev for _, rev in done),
            pages=tuple(page for page, _ in done),
            notices=tuple(dict.fromkeys(self._notices)),
            unchanged=not self._changes,
        )
        if not self._changes:
            return Outcome(result, ())
        self._finish(result)
        touched = (
            Touched(self._before[id_], rec, self._raw.get(id_))
            for id_, rec in self._pages.items()
        )
        return Outcome(result, tuple(touched))

    def _one(self, op: Op, ready: Ready | None) -> tuple[int, int]:
        match op:
            case Put():
                return self._put(op, ready)
            case Rename():
                return self._rename(op, ready)
            case Delete():
                return self._delete(op, ready)
            case Restore():
                return self._restore(op, ready)

    # -- pages

    def _page(self, page_id: int) -> PageRec:
        if page_id not in self._pages:
            rec = self._rows.page(page_id)
            if rec is None:
                raise NotFound
            self._before[page_id], self._pages[page_id] = rec.copy(), rec
        return self._pages[page_id]

    def _live(self, page_id: int) -> PageRec:
        rec = self._page(page_id)
        if rec.deleted:
            # The store fills in who and when, outside the transaction.
            raise Gone(rec.id, rec.name, rec.head_rev, 0, "")
        return rec

    def _compare(self, rec: PageRec, base: Base, yours: str = "") -> None:
        """Raise Conflict unless ``base`` is the head this commit found or made."""
        found = self._before[rec.id]
        if base == ANY or base in (rec.head_rev, found and found.head_rev):
            return
        number = base if isinstance(base, int) else 0
        known = self._rows.revision(number)
        base_text = ""
        if known and known.page == rec.id:
            base_text = self._text(known.id)
        theirs = self._text(rec.head_rev)
        raise Conflict(rec.id, number, rec.head_rev, base_text, theirs, yours)

    def _text(self, rev_id: int) -> str:
        try:
            return self._rows.text(rev_id)
        except Expunged:
            return ""

    # -- operations

    def _put(self, op: Put, ready: Ready | None) -> tuple[int, int]:
        if isinstance(op.page, str):
            return self._put_named(op, ready)
        rec = self._live(op.page)
        self._compare(rec, op.base, op.text)
        return self._write(rec, self._fit(ready, rec.name, op.text), op)

    def _put_named(self, op: Put, ready: Ready | None) -> tuple[int, int]:
        name = ready.name if ready else names.clean(str(op.page))
        held = self._rows.held(names.key(name))
        if held is None or (held.kind == REDIRECT and op.base == NEW):
            if not isinstance(op.base, str):
                raise NotFound
            return self._create(name, op, ready, takes_over=held is not None)
        rec = self._page(held.page)
        if rec.deleted:
            if isinstance(op.base, int):
                raise Gone(rec.id, rec.name, rec.head_rev, 0, "")
            return self._start_again(rec, name, op, ready)
        if op.base == NEW:
            raise NameTaken(rec.name, rec.id)
        self._compare(rec, op.base, op.text)
        return self._write(rec, self._fit(ready, rec.name, op.text), op)

    def _create(
        self, name: str, op: Put, ready: Ready | None, *, takes_over: bool
    ) -> tuple[int, int]:
        key = names.key(name)
        rec = PageRec(0, name, key, names.to_path(name))
        rec.id = self._rows.insert_page(rec)
        self._before[rec.id], self._pages[rec.id] = None, rec
        self._rows.set_name(key, NameRec(rec.id, CURRENT, name))
        self._assigned.add(key)
        if takes_over:
            self._notices.append(TOOK_OVER)
        return self._write(rec, self._fit(ready, name, op.text), op, created=True)

    def _start_again(
        self, rec: PageRec, name: str, op: Put, ready: Ready | None
    ) -> tuple[int, int]:
        rec.name, rec.deleted_seq = name, None
        self._rows.set_name(rec.name_key, NameRec(rec.id, CURRENT, name))
        ready = self._fit(ready, name, op.text)
        self._place(rec, ready)
        return self._write(rec, ready, op, created=True)

    def _rename(self, op: Rename, ready: Ready | None) -> tuple[int, int]:
        rec = self._live(op.page)
        self._compare(rec, op.base)
        name = ready.name if ready else names.clean(op.new_name)
        if name == rec.name and (ready is None or ready.found is None):
            return rec.id, 0
        if ready is None or ready.hash != rec.text_hash:
            ready = make_ready(name, self._rows.text(rec.head_rev), self._describe)
        old_name, old_key, key = rec.name, rec.name_key, names.key(name)
        self._moved.add(old_key)
        self._check_free(key, rec)
        rec.name, rec.name_key = name, key
        self._rows.set_name(key, NameRec(rec.id, CURRENT, name))
        self._assigned.add(key)
        if key != old_key:
            self._leave(rec, old_key, old_name, op.leave_redirect)
        self._place(rec, ready)
        seq = self._change("rename", rec, None, {"from": old_name, "to": name})
        self._describe_page(rec, ready, seq, self._audience(rec, ready), appears=True)
        return rec.id, 0

    def _check_free(self, key: str, rec: PageRec) -> None:
        held = self._rows.held(key)
        if held is None or held.page == rec.id:
            return
        if key in self._leaving and key not in self._assigned:
            return
        if held.kind == REDIRECT:
            raise NameTaken(held.display, held.page, "redirect")
        other = self._page(held.page)
        raise NameTaken(other.name, other.id, "gone" if other.deleted else "page")

    def _leave(self, rec: PageRec, key: str, name: str, redirect: bool) -> None:
        held = self._rows.held(key)
        if held is None or held.page != rec.id:
            return
        if redirect:
            self._rows.set_name(key, NameRec(rec.id, REDIRECT, name))
        else:
            self._rows.drop_name(key)

    def _delete(self, op: Delete, ready: Ready | None) -> tuple[int, int]:
        rec = self._live(op.page)
        self._compare(rec, op.base)
        seq = self._change("delete", rec, None, {"name": rec.name})
        rec.deleted_seq = rec.moved = seq
        if ready and ready.found:
            rec.sig, rec.pending = ready.found.sig, False
        else:
            rec.pending = self._files
        self._rows.set_derived(rec, None, fresh=False)
        self._appears(rec)
        return rec.id, 0

    def _restore(self, op: Restore, ready: Ready | None) -> tuple[int, int]:
        rec = self._page(op.page)
        self._compare(rec, op.base)
        chosen = self._rows.revision(op.rev)
        if chosen is None or chosen.page != rec.id:
            raise NotFound
        text = ready.text if ready else self._rows.text(op.rev)
        was_deleted, rec.deleted_seq = rec.deleted, None
        put = Put(rec.id, text, op.base)
        ready = self._fit(ready, rec.name, text)
        return self._write(
            rec, ready, put, kind="restore", created=was_deleted, of=chosen.n
        )

    # -- what all of them share

    def _fit(self, ready: Ready | None, name: str, text: str) -> Ready:
        """Return what was made ready, made again if the page has a new name now."""
        if ready is not None and ready.name == name:
            return ready
        return make_ready(name, text, self._describe)

    def _write(
        self,
        rec: PageRec,
        ready: Ready,
        op: Put,
        *,
        kind: str = "put",
        created: bool = False,
        of: int | None = None,
    ) -> tuple[int, int]:
        if not created and ready.hash == rec.text_hash:
            return rec.id, rec.head_rev
        base, delta = rec.head_rev or None, ready.size - rec.size
        rec.last_n += 1
        rec.head_n, rec.size, rec.text_hash = rec.last_n, ready.size, ready.hash
        detail: dict[str, Any] = {"created": created, "n": rec.head_n}
        if of is not None:
            detail["of"] = of
        audience = self._audience(rec, ready)
        if rec.audience and rec.audience != audience:
            detail["audience"] = [rec.audience, audience]
            if is_wider(audience, rec.audience):
                # To its new readers all of it is new: they learn no size of before.
                delta = ready.size
        seq = self._seq + 1
        rec.head_rev = self._rows.add_revision(
            new_revision(rec, ready, self._stamp, audience, op.minor, base, seq, delta)
        )
        self._change(kind, rec, rec.head_rev, detail, audience)
        rec.mtime, rec.mtime_author = (
            written_at(ready, self._stamp),
            self._stamp.author.name,
        )
        self._raw[rec.id] = ready.raw
        self._mark_file(rec, ready, seq)
        self._describe_page(rec, ready, seq, audience, appears=created)
        return rec.id, rec.head_rev

    def _mark_file(self, rec: PageRec, ready: Ready, seq: int) -> None:
        if ready.found is None:
            rec.pending = self._files
            return
        rec.path, rec.sig = ready.found.path, ready.found.sig
        rec.file_hash, rec.file_seq, rec.pending = ready.hash, seq, False

    def _place(self, rec: PageRec, ready: Ready) -> None:
        """Give a renamed page its path; the file at the old one is to be removed."""
        if ready.found is not None:
            rec.path, rec.sig = ready.found.path, ready.found.sig
            return
        path = names.to_path(rec.name)
        if path != rec.path and self._files:
            others = (old for old in rec.old_paths if old != path)
            rec.old_paths, rec.pending = (*others, rec.path), True
        rec.path = path

    def _audience(self, rec: PageRec, ready: Ready) -> str:
        """Return who reads a page: its own word within the rules of its area."""
        rules = self._rows.rules_on(rec.name_key)
        found = rules.audience(rec.name_key, ready.facts.audience)
        if is_compound(found) and self._rows.note_audience(found):
            self._topics.add("audiences")
        return found

    def _describe_page(
        self, rec: PageRec, ready: Ready, seq: int, audience: str, *, appears: bool
    ) -> None:
        facts, fresh = ready.facts, self._before[rec.id] is None
        seen = appears or rec.audience != audience
        if fresh:
            self._moved.add(rec.name_key)
        elif seen or rec.title != facts.title:
            self._moved.update(self._rows.names_of(rec.id))
        self._topics.update(
            f"records:{kind}" for kind in (rec.kind, facts.kind) if kind
        )
        if seen:
            self._topics.add("pages")
        rec.title, rec.kind, rec.lang = facts.title, facts.kind, facts.lang
        rec.audience, rec.own = audience, facts.audience
        rec.tags, rec.meta = facts.tags, facts.meta
        rec.moved = seq
        self._rows.set_derived(rec, facts, fresh=fresh)

    def _appears(self, rec: PageRec) -> None:
        self._moved.update(self._rows.names_of(rec.id))
        self._topics.add("pages")
        if rec.kind:
            self._topics.add(f"records:{rec.kind}")

    def _change(
        self,
        kind: str,
        rec: PageRec,
        rev: int | None,
        detail: Mapping[str, Any],
        audience: str = "",
    ) -> int:
        self._seq += 1
        seen_by = audience or rec.audience
        self._changes.append(NewChange(self._seq, kind, rec.id, rev, seen_by, detail))
        return self._seq

    def _park(self, ops: Sequence[Op]) -> None:
        """Let swaps and cycles work: renamed pages give their names up first."""
        moving = [op.page for op in ops if isinstance(op, Rename)]
        if not moving:
            return
        self._leaving = {self._page(page_id).name_key for page_id in moving}
        self._rows.park(moving)

    def _finish(self, result: CommitResult) -> None:
        stamp = self._stamp
        self._rows.update_pages(list(self._pages.values()))
        self._rows.mark_moved(self._moved, self._seq)
        self._rows.set_topics(self._topics, self._seq)
        head = NewTxn(
            self._first + 1,
            stamp.ts,
            stamp.author.id,
            stamp.author.name,
            stamp.comment,
            stamp.origin,
            stamp.idem_key,
            stamp.sent,
            result,
        )
        self._rows.add_txn(head, self._changes)
        self._rows.set_counter(self._seq)
