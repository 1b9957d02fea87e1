"""Outside edits of single files: noticed by one stat, taken in as revisions (S-13)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from wiki.errors import BadName, Busy, NameTaken, NoSpace, ReadOnly
from wiki.model import names
from wiki.model.page import NEW, Put

from .core import Core
from .files import Folder, Seen
from .ready import Found, make_ready
from .repair import Repair, StillChanging, Verdict
from .rows import PageRec, Sig

BAD_NAME = (
    "The name of this file cannot be the name of a page. Rename the file to show it."
)
SAME_NAME = (
    "Another page has the same name as this file, so it is not shown. Rename the file."
)
# A reader does not stand in line behind writers for long to see an outside edit.
_PATIENCE = 2.0
# From this age on a pending page was left by a process that is gone.
_ABANDONED_SECONDS = 10.0


class Outside:
    """Notices and takes in what other programs did to the file of a page."""

    def __init__(self, core: Core, folder: Folder, repair: Repair) -> None:
        self._core, self._folder, self._repair = core, folder, repair

    def notice(self, row: Row[Any]) -> bool:
        """Look at the file of a page that was just read; True when it changed.

        The row has id, path, head_rev, file columns and pending. Never raises for a
        file: where nothing can be taken in, the last good text stands.
        """
        sig = self._folder.sig(row.path)
        if sig is None:
            return False
        if row.pending:
            if self._core.published.get(row.id) == (row.head_rev, sig):
                return False
        elif sig == (row.file_mtime_ns, row.file_size, row.file_ino):
            return False
        if self._core.unusable.get(row.path) == sig:
            return False
        try:
            return self._look(row.id, sig)
        except (BadName, Busy, ReadOnly, NoSpace, OSError):
            return False

    def _look(self, page_id: int, sig: Sig) -> bool:
        rec = self._core.rec(page_id)
        if rec is None or rec.deleted or self._core.is_known(rec, sig):
            return False
        seen = self._folder.look(rec.path)
        if seen is None:
            return False
        verdict = self._repair.judge(rec, seen)
        if rec.pending and not self._is_ours_to_settle(rec, seen, verdict):
            return False
        if verdict in (Verdict.OUTSIDE, Verdict.GAP) and seen.is_young(time.time()):
            return False
        with self._core.lock.held(_PATIENCE):
            return self.check(page_id)

    def _is_ours_to_settle(self, rec: PageRec, seen: Seen, verdict: Verdict) -> bool:
        if verdict is Verdict.CURRENT:
            self._core.published[rec.id] = (rec.head_rev, seen.sig)
            return False
        if verdict is Verdict.OUTSIDE:
            return True
        age = time.time() - rec.mtime / 1000
        return verdict is Verdict.GAP and age > _ABANDONED_SECONDS

    def check(self, page_id: int, *, hurry: bool = False) -> bool:
        """Bring one page and its file together; True when its text changed.

        The caller holds the write lock. Raises StillChanging unless in a hurry, and
        OSError when the folder cannot be written.
        """
        rec = self._core.rec(page_id)
        if rec is None:
            return False
        seen = self._folder.look(rec.path)
        if rec.pending:
            if seen and seen.hash == rec.text_hash and not rec.deleted:
                # Written by another process, which also settles it.
                self._core.published[rec.id] = (rec.head_rev, seen.sig)
                return False
            head = rec.head_rev
            self._repair.settle(rec)
            return rec.head_rev != head
        if seen is None or rec.deleted:
            return False
        match self._repair.judge(rec, seen):
            case Verdict.CURRENT:
                rec.sig = seen.sig
                self._core.save_recs([rec])
            case Verdict.UNUSABLE:
                self.refuse(rec.path, seen.sig, seen.reason)
            case _:
                self._repair.take_in(rec, seen, hurry=hurry)
                self.accept([rec.path])
                return True
        return False

    def adopt(self, path: str, *, hurry: bool = False) -> bool:
        """Make a new file a page; False when it cannot be one.

        The caller holds the write lock. Raises StillChanging unless in a hurry.
        """
        seen = self._folder.look(path)
        if seen is None:
            return False
        if seen.reason:
            return self.refuse(path, seen.sig, seen.reason)
        if not hurry and seen.is_young(time.time()):
            raise StillChanging
        try:
            name = names.from_path(path)
            found = Found(path, seen.sig)
            ready = make_ready(name, seen.text, self._core.describe, found)
            stamp = self._core.outside(seen.sig.mtime_ns)
            self._core.apply([Put(name, seen.text, NEW)], [ready], stamp)
        except BadName:
            return self.refuse(path, seen.sig, BAD_NAME)
        except NameTaken:
            return self.refuse(path, seen.sig, SAME_NAME)
        self.accept([path])
        return True

    def refuse(self, path: str, sig: Sig, reason: str) -> bool:
        """List a file as a problem, once; returns False."""
        self._core.unusable[path] = sig
        self._core.add_problems({path: reason})
        return False

    def accept(self, paths: Sequence[str]) -> None:
        """Forget what was wrong with files that have been taken in."""
        for path in paths:
            self._core.unusable.pop(path, None)
        self._core.clear_problems(paths)
