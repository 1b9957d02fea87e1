"""Erasing in the store in memory: the twin of `wiki.store.sql_erasing`."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from dataclasses import replace

from wiki.errors import CorruptData, Expunged
from wiki.model import names
from wiki.model.actor import ADMINS
from wiki.model.redaction import Places, Redaction

from . import reading
from .base import Author, Describe
from .erasing import NO_HASH, Eraser, Kept, expunge, make_plan, new_heads
from .memory_rows import MemoryRows, State
from .outcome import stamp_of
from .ready import CODEC, hashed, unpacked
from .rows import CURRENT, NameRec, PageRec


class MemoryErasing(MemoryRows):
    """Implements `wiki.store.erasing.ErasableRows` on a state of its own."""

    def every_page(self, under: str) -> Iterator[PageRec]:
        for rec in list(self._state.pages.values()):
            if self._is_below(rec.id, under):
                yield rec.copy()

    def every_version(self, under: str) -> Iterator[Kept]:
        for rev_id, it in list(self._state.revisions.items()):
            if not self._is_below(it.page, under):
                continue
            text, damaged = None, False
            try:
                text = unpacked(CODEC, it.body)
            except Expunged:
                pass
            except CorruptData:
                damaged = True
            yield Kept(rev_id, it.page, it.n, text, it.author_name, it.comment, damaged)

    def old_names(self, under: str) -> Iterator[tuple[str, NameRec]]:
        for key, name in list(self._state.names.items()):
            if name.kind != CURRENT and self._is_below(name.page, under):
                yield key, name

    def other_words(self, under: str) -> Iterator[tuple[int | None, str]]:
        for change, txn_id in list(self._state.changes.values()):
            if change.rev is None and self._is_below(change.page, under):
                txn = self._state.txns[txn_id]
                yield change.page, txn.author_name
                yield change.page, txn.comment

    def audiences(self) -> list[str]:
        return sorted({rec.audience for rec in self._state.pages.values()})

    def numbered(self, page_id: int, n: int) -> int | None:
        for rev_id, it in self._state.revisions.items():
            if (it.page, it.n) == (page_id, n):
                return rev_id
        return None

    def put_text(self, version: Kept, raw: bytes) -> None:
        revisions = self._state.revisions
        old = revisions[version.id]
        grown = len(raw) - old.size
        revisions[version.id] = replace(
            old,
            body=zlib.compress(raw),
            text_hash=hashed(raw),
            size=len(raw),
            delta=old.delta + grown,
        )
        for rev_id, it in revisions.items():
            if it.page == version.page and it.base == version.id:
                revisions[rev_id] = replace(it, delta=it.delta - grown)

    def drop_text(self, rev_id: int) -> None:
        state = self._state
        state.revisions[rev_id] = replace(
            state.revisions[rev_id], body=None, text_hash=NO_HASH, comment="", size=0
        )
        for change, txn_id in state.changes.values():
            if change.rev == rev_id:
                state.txns[txn_id] = replace(state.txns[txn_id], comment="")

    def redact_words(self, redaction: Redaction, under: str) -> None:
        state, apply = self._state, redaction.apply
        for rev_id, it in state.revisions.items():
            if self._is_below(it.page, under):
                state.revisions[rev_id] = replace(
                    it,
                    author_name=apply(it.author_name),
                    comment=apply(it.comment),
                    audience=ADMINS if redaction.hits(it.audience) else it.audience,
                )
        for seq, (change, txn_id) in state.changes.items():
            if not self._is_below(change.page, under):
                continue
            hidden = redaction.hits(change.audience)
            audience = ADMINS if hidden else change.audience
            detail = redaction.inside(dict(change.detail))
            state.changes[seq] = (
                change._replace(audience=audience, detail=detail),
                txn_id,
            )
            self._redact_txn(txn_id, redaction)
        state.topics = {k: v for k, v in state.topics.items() if not redaction.hits(k)}

    def _redact_txn(self, txn_id: int, redaction: Redaction) -> None:
        txn = self._state.txns[txn_id]
        key = txn.idem_key
        if key is not None and redaction.hits(key):
            self._state.answers.pop(key, None)
            key = None
        self._state.txns[txn_id] = replace(
            txn,
            author_name=redaction.apply(txn.author_name),
            comment=redaction.apply(txn.comment),
            idem_key=key,
        )

    def _is_below(self, page_id: int | None, under: str) -> bool:
        if not under:
            return True
        rec = self._state.pages.get(page_id or 0)
        return rec is not None and rec.name_key.startswith(names.key(under))


class ErasingMemory:
    """The part of the store in memory that removes for good."""

    _state: State
    _describe: Describe
    _lock: threading.Lock
    _committed: threading.Condition
    _beside: dict[tuple[str, str], tuple[bytes, int]]

    def find_value(self, redaction: Redaction, under: str = "") -> Places:
        places = make_plan(MemoryErasing(self._state), redaction, under).places
        for (folder, name), (raw, _) in self._files_below(under):
            if redaction.hits_raw(raw):
                places.count += 1
                if _text_of(raw) is None:
                    places.files.append(f"{folder}/{name}" if folder else name)
        return places

    def erase_value(
        self,
        redaction: Redaction,
        author: Author,
        under: str = "",
        *,
        files: bool = False,
    ) -> Places:
        stamp = stamp_of(author, "", "system", None, None, ())
        with self._lock:
            state = self._state.copy()
            rows = MemoryErasing(state)
            plan = make_plan(rows, redaction, under)
            news = new_heads(rows, plan, redaction, self._describe)
            Eraser(rows, redaction, stamp, files=False, sigs={}).run(plan, news, under)
            self._state = state
            self._erase_files(redaction, plan.places, under, remove=files)
        with self._committed:
            self._committed.notify_all()
        return plan.places

    def _files_below(
        self, under: str
    ) -> list[tuple[tuple[str, str], tuple[bytes, int]]]:
        place = under.rpartition("/")[0]
        return [it for it in self._beside.items() if it[0][0].startswith(place)]

    def _erase_files(
        self, redaction: Redaction, places: Places, under: str, *, remove: bool
    ) -> None:
        for (folder, name), (raw, mtime) in self._files_below(under):
            text = _text_of(raw)
            if redaction.hits_raw(raw) and text is None and not remove:
                places.files.append(f"{folder}/{name}" if folder else name)
                continue
            del self._beside[folder, name]
            if text is not None:
                raw = redaction.apply(text).encode()
            elif redaction.hits_raw(raw):
                continue
            key = (redaction.apply(folder), redaction.apply(name))
            self._beside[key] = raw, mtime

    def expunge(self, page_name: str, n: int, author: Author) -> None:
        stamp = stamp_of(author, "", "system", None, None, ())
        with self._lock:
            state = self._state.copy()
            rows = MemoryErasing(state)
            held = rows.held(reading.cleaned_key(page_name))
            expunge(rows, held.page if held else 0, n, stamp)
            self._state = state


def _text_of(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None
