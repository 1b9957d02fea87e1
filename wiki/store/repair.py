"""The three-hash rule: what becomes of a file that is not as the database says.

F is the file now, H the newest text of the page, S the text last known to be in the
file (section 5). A text that is not in the database is never overwritten or removed.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable
from enum import Enum, auto

from sqlalchemy import bindparam, select, update

from wiki.model.page import ANY, Put

from . import tables as t
from .core import NEEDS_DECISION, Core, now_ms
from .files import Folder, Seen
from .ready import Found, encoded, hashed, make_ready, unpacked
from .rows import MERGED, NO_FILE, PROPOSED, NewRevision, PageRec, Sig
from .sql_rows import SqlRows

r = t.revision.c
_BETWEEN = (
    select(r.id)
    .where(
        r.page == bindparam("page_"),
        r.text_hash == bindparam("hash_"),
        r.seq >= bindparam("seq_"),
    )
    .limit(1)
)
_KNOWN = select(r.id).where(r.text_hash == bindparam("hash_")).limit(1)
_BASE = (
    select(r.codec, r.body)
    .where(r.page == bindparam("page_"), r.text_hash == bindparam("hash_"))
    .order_by(r.id.desc())
    .limit(1)
)


class StillChanging(OSError):
    """Someone is writing the file this very second; look again a little later."""


class Verdict(Enum):
    """What a look at one file says."""

    CURRENT = auto()  # F = H
    LAGGING = auto()  # ours, an older text
    INTERRUPTED = auto()  # missing, empty or NUL bytes while a write is pending
    GAP = auto()  # edited between COMMIT and rename
    OUTSIDE = auto()  # edited by another program
    MISSING = auto()  # gone, and not by us
    UNUSABLE = auto()  # not a text that a page can hold


def judge(
    pending: bool,
    seen: Seen | None,
    head: bytes,
    last: bytes | None,
    is_between: Callable[[bytes], bool],
) -> Verdict:
    """Return what became of a file: the table of section 5."""
    if seen is None:
        return Verdict.INTERRUPTED if pending else Verdict.MISSING
    if seen.hash == head:
        return Verdict.CURRENT
    if pending and seen.blank:
        return Verdict.INTERRUPTED
    if seen.reason:
        return Verdict.UNUSABLE
    if not pending:
        return Verdict.OUTSIDE
    if seen.hash == last or is_between(seen.hash):
        return Verdict.LAGGING
    return Verdict.GAP


def builds_on(base: str, head: str, found: str) -> bool:
    """Tell whether a text was made from ``head``: it has most of what that added.

    Another process wrote the file and it was edited before anyone noted that.
    """
    added = set(head.split("\n")) - set(base.split("\n"))
    return len(added & set(found.split("\n"))) * 2 > len(added)


class Repair:
    """Brings files and rows together. The caller holds the write lock."""

    def __init__(self, core: Core, folder: Folder) -> None:
        self._core, self._folder = core, folder

    def settle(self, rec: PageRec) -> bool:
        """Finish what is pending of a page, durably; False when it must wait.

        Raises OSError when the folder cannot be written.
        """
        old = list(rec.old_paths)
        if rec.deleted:
            old.append(rec.path)
            rec.sig, rec.file_hash = NO_FILE, None
        elif not self._bring_file(rec):
            return False
        for path in old:
            self._remove_old(rec, path)
        self._folder.sync([rec.path, *old])
        fresh = self._core.rec(rec.id)
        assert fresh is not None
        fresh.sig, fresh.file_hash = rec.sig, rec.file_hash
        fresh.file_seq = rec.file_seq
        fresh.pending, fresh.old_paths = False, ()
        self._core.save_recs([fresh])
        self._core.published.pop(rec.id, None)
        return True

    def _bring_file(self, rec: PageRec) -> bool:
        """Make the file of a live page hold its newest text; False when it cannot."""
        seen = self._folder.look(rec.path)
        match self.judge(rec, seen):
            case Verdict.CURRENT:
                assert seen is not None
                self._note(rec, seen.sig)
            case Verdict.LAGGING | Verdict.INTERRUPTED:
                self._write_head(rec, seen)
            case Verdict.GAP:
                assert seen is not None
                self._edited_in_gap(rec, seen)
            case Verdict.OUTSIDE:
                assert seen is not None
                self.take_in(rec, seen)
            case _:
                assert seen is not None
                self._core.add_problems({rec.path: seen.reason})
                return False
        return True

    def judge(self, rec: PageRec, seen: Seen | None) -> Verdict:
        """Return what became of the file of a page."""
        # What this process put in place itself stood there: no save is on its way.
        published = self._core.published.get(rec.id, (0, None))[0] == rec.head_rev
        return judge(
            rec.pending and not (published and seen and not seen.blank),
            seen,
            rec.text_hash,
            rec.file_hash,
            lambda found: self._is_between(rec, found),
        )

    def _is_between(self, rec: PageRec, found: bytes) -> bool:
        values = {"page_": rec.id, "hash_": found, "seq_": rec.file_seq}
        with self._core.database.reading() as connection:
            if connection.execute(_BETWEEN, values).first() is not None:
                return True
        # Just renamed: in a swap, the text of another page still stands here.
        return bool(rec.old_paths) and self.is_in_database(found)

    def _note(self, rec: PageRec, sig: Sig) -> None:
        rec.sig, rec.file_hash, rec.file_seq = sig, rec.text_hash, rec.moved

    def _write_head(self, rec: PageRec, seen: Seen | None) -> None:
        """Write the newest text over a file just looked at; raises OSError."""
        with self._core.database.reading() as connection:
            raw = SqlRows(connection).text(rec.head_rev).encode()
        temp = self._folder.stage(rec.path, raw)
        try:
            if self._folder.sig(rec.path) != (seen.sig if seen else None):
                raise StillChanging
            self._note(rec, self._folder.publish(temp, rec.path))
        except OSError:
            os.unlink(temp)
            raise

    def take_in(self, rec: PageRec, seen: Seen, *, hurry: bool = False) -> None:
        """Make an outside edit a revision; raises StillChanging for a young file."""
        if not hurry and seen.is_young(time.time()):
            raise StillChanging
        put = Put(rec.id, seen.text, ANY)
        found = Found(rec.path, seen.sig)
        ready = make_ready(rec.name, seen.text, self._core.describe, found)
        self._core.apply([put], [ready], self._core.outside(seen.sig.mtime_ns))
        self._reload(rec)
        self._note(rec, seen.sig)

    def _reload(self, rec: PageRec) -> None:
        fresh = self._core.rec(rec.id)
        assert fresh is not None
        rec.head_rev, rec.text_hash = fresh.head_rev, fresh.text_hash
        rec.moved = fresh.moved

    def _edited_in_gap(self, rec: PageRec, seen: Seen) -> None:
        """Merge an edit made while a save was on its way, or keep it for a decision."""
        if seen.is_young(time.time()):
            raise StillChanging
        base = self._base(rec)
        with self._core.database.reading() as connection:
            head = SqlRows(connection).text(rec.head_rev)
        merged = None if base is None else self._core.merge(base, head, seen.text)
        if merged is not None:
            self._merge_in(rec, seen, encoded(merged))
        elif base is not None and builds_on(base, head, seen.text):
            self.take_in(rec, seen)
            return
        else:
            self.keep(rec, seen, PROPOSED)
            self._core.add_problems({rec.path: NEEDS_DECISION})
        self._write_head(rec, seen)

    def _base(self, rec: PageRec) -> str | None:
        """Return the text that was last known to be in the file of a page."""
        if rec.file_hash is None:
            return None
        with self._core.database.reading() as connection:
            values = {"page_": rec.id, "hash_": rec.file_hash}
            row = connection.execute(_BASE, values).first()
        if row is None or row.body is None:
            return None
        return unpacked(row.codec, row.body)

    def _merge_in(self, rec: PageRec, seen: Seen, merged: bytes) -> None:
        # The file's own text goes into the history, then the merge on top of it.
        self.keep(rec, seen, MERGED)
        if hashed(merged) == rec.text_hash:
            return
        put = Put(rec.id, merged.decode(), ANY)
        ready = make_ready(rec.name, put.text, self._core.describe)
        self._core.apply([put], [ready], self._core.outside())
        self._reload(rec)

    def keep(self, rec: PageRec, seen: Seen, state: str) -> None:
        """Keep a text as a revision that does not become the page's newest."""
        stamp = self._core.outside(seen.sig.mtime_ns)
        with self._core.database.writing() as connection:
            rows = SqlRows(connection)
            fresh = rows.page(rec.id)
            assert fresh is not None
            number = fresh.last_n + 1
            rows.add_revision(
                NewRevision(
                    page=rec.id,
                    n=number,
                    base=rec.head_rev,
                    seq=rows.counter(),
                    ts=stamp.ts or now_ms(),
                    author_id=stamp.author.id,
                    author_name=stamp.author.name,
                    comment=stamp.comment,
                    minor=False,
                    origin=stamp.origin,
                    audience=rec.audience,
                    state=state,
                    text_hash=seen.hash,
                    size=len(seen.raw),
                    delta=len(seen.raw) - rec.size,
                    body=zlib.compress(seen.raw),
                )
            )
            connection.execute(
                update(t.page).where(t.page.c.id == rec.id).values(last_n=number)
            )

    def _remove_old(self, rec: PageRec, path: str) -> None:
        """Remove the file a page left behind, unless it is someone's text."""
        if (not rec.deleted and path == rec.path) or self._core.has_page_at(path):
            return
        seen = self._folder.look(path)
        if seen is None:
            return
        if seen.reason and not seen.blank:
            self._core.add_problems({path: seen.reason})
            return
        if not seen.blank and not self.is_in_database(seen.hash):
            self.keep(rec, seen, PROPOSED)
            self._core.add_problems({path: NEEDS_DECISION})
        self._folder.remove(path)

    def is_in_database(self, found: bytes) -> bool:
        """Tell whether a text is kept as a revision, of whatever page."""
        with self._core.database.reading() as connection:
            return connection.execute(_KNOWN, {"hash_": found}).first() is not None
