"""The save protocol of section 4: stage, lock, compare, commit, then the files."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

from wiki.errors import BadName, WikiError
from wiki.model import names
from wiki.model.page import NEW, CommitResult, Delete, Op, Put, Rename, Restore

from .core import Core
from .files import Folder, in_plain_words
from .outcome import Outcome, Stamp, Touched
from .outside import Outside
from .ready import Ready, encoded, make_ready
from .repair import StillChanging
from .rows import PageRec, Sig
from .settling import Settler
from .sql_rows import PAGES_BY_ID, PAGES_BY_KEY, SqlRows, pages_where, to_rec

LAGGING = "Saved. The copy in the pages folder could not be updated yet."
# How often a save waits for a file that another program is writing.
_TRIES = 3
_NAP = 0.4
# Stands for a file whose text is nowhere else: it is not written over.
_BLOCKED = Sig(-1, -1, -1)


class Known:
    """The pages that the operations of one commit name, as they are now."""

    def __init__(self, core: Core, ops: Sequence[Op]) -> None:
        ids = [op.page for op in ops if not isinstance(op.page, str)]
        keys = [
            names.key(names.clean(op.page))
            for op in ops
            if isinstance(op, Put) and isinstance(op.page, str)
        ]
        with core.database.reading() as connection:
            by_id = pages_where(
                connection, PAGES_BY_ID, "ids", list(dict.fromkeys(ids))
            )
            by_key = pages_where(connection, PAGES_BY_KEY, "keys", keys)
        self._by_id = {row.id: to_rec(row) for row in by_id}
        self._by_key = {row.key: to_rec(row) for row in by_key}

    def of(self, op: Op) -> PageRec | None:
        """Return the page an operation works on, None for a new one."""
        if isinstance(op.page, int):
            return self._by_id.get(op.page)
        rec = self._by_key.get(names.key(names.clean(op.page)))
        if rec is None or (op.base == NEW and rec.name_key != _key(op.page)):
            return None
        return rec

    def all(self) -> Iterable[PageRec]:
        return {**self._by_id, **{it.id: it for it in self._by_key.values()}}.values()


def _target(op: Op, ready: Ready, rec: PageRec | None) -> str:
    """Return the path that the file of a page has after an operation."""
    if rec is None or isinstance(op, Rename):
        return names.to_path(ready.name)
    return rec.path


def _key(name: str) -> str:
    return names.key(names.clean(name))


class Saver:
    """Commits operations, to the database first and then to the folder."""

    def __init__(
        self,
        core: Core,
        folder: Folder | None,
        outside: Outside | None,
        settler: Settler | None,
    ) -> None:
        self._core, self._folder = core, folder
        self._outside, self._settler = outside, settler

    def commit(self, ops: Sequence[Op], stamp: Stamp) -> CommitResult:
        known = Known(self._core, ops)
        readies = [self._ready(op, known.of(op)) for op in ops]
        if self._folder is None:
            with self._core.lock.held():
                return self._core.apply(ops, readies, stamp).result
        # A path that cannot be written is refused while nothing has happened yet.
        for op, ready in zip(ops, readies, strict=True):
            if ready is not None:
                self._folder.check_target(_target(op, ready, known.of(op)))
        files = _Files(self._folder)
        try:
            files.stage_all(ops, readies, known)
            for tries_left in reversed(range(_TRIES)):
                try:
                    return self._locked(ops, readies, stamp, files, not tries_left)
                except StillChanging:
                    time.sleep(_NAP)
            raise AssertionError("the last try does not wait")
        finally:
            files.clean_up()

    def _ready(self, op: Op, rec: PageRec | None) -> Ready | None:
        """Describe a text before any lock; what is wrong with ``op`` is said later."""
        if isinstance(op, Put):
            return self._ready_to_put(op, rec)
        if rec is None or isinstance(op, Delete):
            return None
        with self._core.database.reading() as connection:
            rows = SqlRows(connection)
            if isinstance(op, Rename):
                name, text = names.clean(op.new_name), rows.text(rec.head_rev)
                return make_ready(name, text, self._core.describe)
            chosen = rows.revision(op.rev)
            if chosen is None or chosen.page != rec.id:
                return None
            return make_ready(rec.name, rows.text(op.rev), self._core.describe)

    def _ready_to_put(self, op: Put, rec: PageRec | None) -> Ready | None:
        if isinstance(op.page, str) and (rec is None or rec.deleted):
            name = names.clean(op.page)
        elif rec is not None:
            name = rec.name
        else:
            encoded(op.text)
            return None
        return make_ready(name, op.text, self._core.describe)

    def _locked(
        self,
        ops: Sequence[Op],
        readies: Sequence[Ready | None],
        stamp: Stamp,
        files: _Files,
        hurry: bool,
    ) -> CommitResult:
        assert self._outside is not None
        assert self._settler is not None
        with self._core.lock.held():
            known = Known(self._core, ops)
            for rec in known.all():
                self._look_at(rec, files, hurry)
            for op, ready in zip(ops, readies, strict=True):
                self._look_at_target(op, ready, known, files, hurry)
            outcome = self._core.apply(ops, readies, stamp)
            late = files.bring(outcome, self._core.published)
            for path, sig in files.done.items():
                self._core.unusable.pop(path, None)
                files.expected[path] = sig
        self._settler.add([it.after.id for it in outcome.touched if it.after.pending])
        result = outcome.result
        if not late:
            return result
        return CommitResult(
            result.seqs, result.revs, result.pages, (*result.notices, LAGGING)
        )

    def _look_at(self, rec: PageRec, files: _Files, hurry: bool) -> None:
        """Take in an outside edit of a page before anything is decided about it."""
        assert self._outside is not None
        assert self._folder is not None
        sig = self._folder.sig(rec.path)
        if not self._core.is_known(rec, sig) and (sig or rec.pending):
            if rec.deleted and not rec.pending:
                # A file stands where a deleted page was: it starts the page again.
                self._take_over(rec.path, hurry)
            else:
                self._check(rec.id, hurry)
            sig = self._folder.sig(rec.path)
            fresh = self._core.rec(rec.id)
            if sig and fresh and not self._core.is_known(fresh, sig):
                sig = _BLOCKED
        files.expected[rec.path] = sig

    def _check(self, page_id: int, hurry: bool) -> None:
        assert self._outside is not None
        try:
            self._outside.check(page_id, hurry=hurry)
        except StillChanging:
            # In a hurry the save goes on; the file waits for repair, untouched.
            if not hurry:
                raise
        except (OSError, BadName):
            # The folder cannot be written: said after the save, not instead of it.
            return

    def _take_over(self, path: str, hurry: bool) -> None:
        assert self._outside is not None
        self._outside.adopt(path, hurry=hurry)

    def _look_at_target(
        self,
        op: Op,
        ready: Ready | None,
        known: Known,
        files: _Files,
        hurry: bool,
    ) -> None:
        """Look for a file that stands where a new or renamed page will be."""
        assert self._folder is not None
        assert self._outside is not None
        if ready is None or not (isinstance(op, Rename) or known.of(op) is None):
            return
        path = names.to_path(ready.name)
        if path in files.expected:
            return
        files.expected[path] = sig = self._folder.sig(path)
        if sig is not None and not self._core.has_page_at(path):
            adopted = self._outside.adopt(path, hurry=hurry)
            files.expected[path] = self._folder.sig(path) if adopted else _BLOCKED


class _Files:
    """The files of one commit: staged before it, brought to their places after it."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._staged: dict[int, str] = {}
        self._temps: set[str] = set()
        # What stood at each path when the commit was decided.
        self.expected: dict[str, Sig | None] = {}
        self.done: dict[str, Sig] = {}

    def stage_all(
        self, ops: Sequence[Op], readies: Sequence[Ready | None], known: Known
    ) -> None:
        """Write all new texts beside their targets; raises NoSpace, ReadOnly."""
        for at, (op, ready) in enumerate(zip(ops, readies, strict=True)):
            if ready is None or not isinstance(op, Put | Restore):
                continue
            path = _target(op, ready, known.of(op))
            try:
                self._staged[at] = self._stage(path, ready.raw)
            except (FileExistsError, NotADirectoryError):
                # A file stands where a folder is needed: the save goes on without.
                continue
            except OSError as error:
                raise in_plain_words(error) from error

    def _stage(self, path: str, raw: bytes) -> str:
        temp = self._folder.stage(path, raw)
        self._temps.add(temp)
        return temp

    def bring(self, outcome: Outcome, published: dict[int, tuple[int, Sig]]) -> bool:
        """Bring all files to their places after COMMIT; True when one is late."""
        touched = [it for it in outcome.touched if it.moves_files]
        temps = self._newest(outcome)
        moved = {it.after.id: self._move_away(it) for it in touched}
        late = False
        for it in touched:
            try:
                if it.after.deleted:
                    done = self._remove(it)
                else:
                    done = self._put(it, temps.get(it.after.id) or moved[it.after.id])
            except (OSError, WikiError):
                done = False
            if done and not it.after.deleted:
                sig = self.done[it.after.path]
                published[it.after.id] = (it.after.head_rev, sig)
            late = late or not done
        return late

    def _newest(self, outcome: Outcome) -> dict[int, str]:
        """Return {page id: staged file}; the last text of a page counts."""
        raws = {it.after.id for it in outcome.touched if it.raw is not None}
        pages = outcome.result.pages
        return {
            pages[at]: temp for at, temp in self._staged.items() if pages[at] in raws
        }

    def _move_away(self, it: Touched) -> str | None:
        """Take the file of a renamed page out of the way, so that swaps work."""
        old = it.before.path if it.before else it.after.path
        expected = self.expected.get(old)
        if old == it.after.path or it.after.deleted or expected is None:
            return None
        try:
            temp = self._folder.take_away(old, it.after.path, expected)
        except (OSError, WikiError):
            return None
        self.expected[old] = None
        self._temps.add(temp)
        return temp

    def _is_as_expected(self, path: str) -> bool:
        return self._folder.sig(path) == self.expected.get(path)

    def _put(self, it: Touched, temp: str | None) -> bool:
        path = it.after.path
        if temp is None and it.raw is not None:
            temp = self._stage(path, it.raw)
        if temp is None or not self._is_as_expected(path):
            return False
        self.done[path] = self.expected[path] = self._folder.publish(temp, path)
        self._temps.discard(temp)
        return True

    def _remove(self, it: Touched) -> bool:
        if not self._is_as_expected(it.after.path):
            return False
        self._folder.remove(it.after.path)
        return True

    def clean_up(self) -> None:
        for temp in self._temps:
            with suppress(OSError):
                os.unlink(temp)
