"""The store on disk: an SQL database as the commit point, and the pages folder."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import delete, insert, select

from wiki.errors import Conflict, Gone, NotFound
from wiki.model import names
from wiki.model.actor import Sees
from wiki.model.acts import FORMER
from wiki.model.page import CommitResult, Op, Page, PageRow, Redirect
from wiki.model.rules import Rule, Rules

from . import listing, page_changes, reading
from . import tables as t
from .authors import NewName, rename_in_sql
from .base import (
    MAX_OPS,
    Audiences,
    Author,
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
from .beside import BesideFiles
from .core import Core, now_ms
from .erasure import ErasingStore, Erasure
from .files import Folder
from .locks import FileLock
from .opening import make_folder, open_database
from .outcome import check_ops, stamp_of
from .outside import Outside
from .repair import Repair
from .rows import Sig
from .ruling import change_rule, counted, effect
from .saving import Saver
from .scanning import Scan
from .settling import Settler
from .sql_rows import SqlRows
from .tallies import Tallies

_POLL_SECONDS = 0.25


class SqlStore(ErasingStore):
    """Implements `wiki.store.base.Store`. ``files=False`` keeps no pages folder.

    Opening makes folders, database and lock files where they are missing and
    finishes, in the background, what a killed process left. Raises StartError.
    """

    def __init__(
        self,
        var: Path,
        pages: Path,
        describe: Describe,
        merge: Merge,
        *,
        files: bool = True,
    ) -> None:
        self._database = open_database(var)
        self.read_only = self._database.read_only
        lock = FileLock(var / "lock" / "write.lock")
        folder = self._folder = Folder(pages, var) if files else None
        core = self._core = Core(self._database, folder, lock, describe, merge)
        self._outside: Outside | None = None
        self._settler: Settler | None = None
        self._scan: Scan | None = None
        if folder is not None:
            make_folder(pages)
            repair = Repair(core, folder)
            self._outside = Outside(core, folder, repair)
            self._settler = Settler(core, folder, repair)
            scan_lock = FileLock(var / "lock" / "scan.lock")
            self._scan = Scan(core, folder, self._outside, self._settler, scan_lock)
            self._settler.add(self._settler.pending())
        self._tallies = Tallies(self._database)
        self._erasure = Erasure(core, folder, self._settler, self._scan)
        self._saver = Saver(core, folder, self._outside, self._settler)

    def close(self) -> None:
        if self._settler is not None:
            self._settler.close()
        self._database.close()

    # -- one page

    def get(
        self, ref: str | int, rev: int | None = None, *, sees: Sees = None
    ) -> Page | Redirect:
        with self._database.reading() as connection:
            row = reading.find(connection, ref, rev)
            if self._outside and reading.shows(row, sees) and self._outside.notice(row):
                row = reading.find(connection, ref, rev)
            by_name = isinstance(ref, str)
            return reading.answer(connection, row, by_name=by_name, sees=sees)

    def head(self, ref: str | int) -> tuple[int, int, int] | None:
        with self._database.reading() as connection:
            return reading.head(connection, ref)

    def heads(self, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
        with self._database.reading() as connection:
            return reading.heads(connection, ids)

    def exists(self, keys: Iterable[str], *, sees: Sees = None) -> dict[str, PageRow]:
        with self._database.reading() as connection:
            return reading.exists(connection, keys, sees)

    def file_stamp(self, page_id: int) -> tuple[str, int, int, int] | None:
        if self._folder is None:
            return None
        with self._database.reading() as connection:
            row = reading.file_of(connection, page_id)
        if row is None:
            return None
        sig = Sig(row.file_mtime_ns, row.file_size, row.file_ino)
        if row.pending:
            head, published = self._core.published.get(page_id, (0, sig))
            # Written by another process: a stat that no file has, so look anew.
            sig = published if head == row.head_rev else Sig(0, 0, 0)
        return (self._folder.full(row.path), *sig)

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
        with self._database.reading() as connection:
            return listing.pages(
                connection,
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
        with self._database.reading() as connection:
            return listing.records(
                connection,
                kind,
                where or {},
                after_key=after_key,
                limit=limit,
                sees=sees,
            )

    def ids(self, after: int, limit: int) -> Ids:
        with self._database.reading() as connection:
            return listing.ids(connection, after, limit)

    def find_titles(self, text: str, limit: int = 20, *, sees: Sees = None) -> PageRows:
        with self._database.reading() as connection:
            return listing.find_titles(connection, text, limit, sees)

    def stamps(self) -> dict[str, int]:
        with self._database.reading() as connection:
            return reading.stamps(connection)

    def history(
        self,
        page_id: int,
        *,
        before: int | None = None,
        limit: int = 50,
        sees: Sees = None,
    ) -> Revisions:
        with self._database.reading() as connection:
            return listing.history(connection, page_id, before, limit, sees)

    def revision_text(self, rev_id: int) -> str:
        with self._database.reading() as connection:
            return reading.text(connection, rev_id)

    def recent(
        self,
        *,
        before_seq: int | None = None,
        limit: int = 50,
        prefix: str = "",
        author: str | None = None,
        sees: Sees = None,
    ) -> Changes:
        with self._database.reading() as connection:
            return listing.recent(
                connection,
                before_seq=before_seq,
                limit=limit,
                prefix=prefix,
                author=author,
                sees=sees,
            )

    def changes_of(self, wanted: ChangesOf) -> Changes:
        with self._database.reading() as connection:
            return page_changes.in_sql(connection, wanted)

    def backlinks(
        self, page_id: int, *, after_key: str = "", limit: int = 50, sees: Sees = None
    ) -> PageRows:
        with self._database.reading() as connection:
            return listing.backlinks(
                connection, page_id, after_key=after_key, limit=limit, sees=sees
            )

    def using_file(self, key: str, limit: int = 1, *, sees: Sees = None) -> PageRows:
        with self._database.reading() as connection:
            return listing.using_file(connection, key, limit, sees)

    def wanted(self, limit: int = 50, *, sees: Sees = None) -> Counted:
        return self._tallies.get(listing.wanted, limit, sees)

    def orphans(self, limit: int = 50, *, sees: Sees = None) -> PageRows:
        return self._tallies.get(listing.orphans, limit, sees)

    def tags(self, *, sees: Sees = None, limit: int = 500) -> Counted:
        return self._tallies.get(listing.tags, limit, sees)

    def audience_counts(self, limit: int = 500) -> Counted:
        return self._tallies.get(listing.audience_counts, limit, None)

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
        try:
            return self._saver.commit(ops, stamp)
        except Gone as gone:
            with self._database.reading() as connection:
                row = reading.find(connection, gone.page_id, None)
                reading.answer(connection, row, by_name=False, sees=None)
            raise

    def forget_author(
        self, author_id: int, instead: str = FORMER, *, keep_id: bool = False
    ) -> int:
        new = NewName(author_id, instead, keep_id)
        with self._core.lock.held(), self._database.writing() as connection:
            pages = rename_in_sql(connection, new)
        self._database.empty_log()
        return pages

    # -- rules on areas

    def rules(self) -> Rules:
        with self._database.reading() as connection:
            return SqlRows(connection).all_rules()

    def set_rule(self, area: str, rule: Rule | None, author: Author) -> int:
        stamp = stamp_of(author, "", "web", None, None, ())
        with self._core.lock.held(), self._database.writing() as connection:
            return change_rule(SqlRows(connection), rule, area, stamp)

    def rule_effect(self, area: str, rule: Rule | None) -> Effect:
        with self._database.reading() as connection:
            return counted(effect(SqlRows(connection), rule, area))

    def audiences(self) -> Audiences:
        with self._database.reading() as connection:
            return list(connection.execute(select(t.audience.c.text)).scalars())

    # -- the change feed

    def last_seq(self) -> int:
        with self._database.reading() as connection:
            return reading.last_seq(connection)

    def change_mark(self) -> int:
        return self._database.mark()

    def changes(
        self, after_seq: int, limit: int = 500, *, sees: Sees = None
    ) -> Changes:
        with self._database.reading() as connection:
            return listing.changes(connection, after_seq, limit, sees)

    def wait(self, after_seq: int, timeout: float) -> bool:
        until = time.monotonic() + timeout
        while self.last_seq() <= after_seq:
            left = until - time.monotonic()
            if left <= 0:
                return False
            with self._core.committed:
                # Commits of other processes are only seen by looking.
                self._core.committed.wait(min(left, _POLL_SECONDS))
        return True

    def checkpoint(self, consumer: str) -> int:
        with self._database.reading() as connection:
            return reading.checkpoint(connection, consumer)

    def advance(self, consumer: str, from_seq: int, to_seq: int) -> None:
        with self._core.lock.held(), self._database.writing() as connection:
            found = reading.checkpoint(connection, consumer)
            if found != from_seq:
                raise Conflict(0, from_seq, found)
            connection.execute(delete(t.consumer).where(t.consumer.c.name == consumer))
            values = {"name": consumer, "seq": to_seq, "updated": now_ms()}
            connection.execute(insert(t.consumer), values)

    # -- files beside pages

    def _beside(self) -> BesideFiles:
        if self._folder is None:
            raise NotFound("This wiki keeps no files.")
        return BesideFiles(self._folder)

    def _place(self, page_name: str) -> str:
        """Return the folder of a page, relative to the pages folder."""
        name = names.clean(page_name)
        with self._database.reading() as connection:
            path = reading.path_of(connection, names.key(name))
        return (path or names.to_path(name)).rpartition("/")[0]

    def beside(self, page_name: str) -> Besides:
        return self._beside().list(page_name, self._place(page_name))

    def open_beside(self, page_name: str, file_name: str) -> BinaryIO:
        return self._beside().open(self._place(page_name), file_name)

    def put_beside(self, page_name: str, file_name: str, data: BinaryIO) -> None:
        self.read_only.check()
        self._beside().put(self._place(page_name), file_name, data)

    # -- upkeep

    def scan(
        self, paths: Sequence[str] | None = None, *, accept_missing: bool = False
    ) -> ScanReport:
        if self._scan is None:
            return ScanReport()
        self.read_only.check()
        return self._scan.run(paths, accept_missing=accept_missing)

    def write_missing(self) -> int:
        self.read_only.check()
        return 0 if self._scan is None else self._scan.write_missing()

    def settle(self) -> int:
        if self._settler is None:
            return 0
        self._settler.forget_old_keys()
        return len(self._settler.settle(self._settler.pending()))

    def problems(self) -> dict[str, str]:
        with self._database.reading() as connection:
            return reading.problems(connection)

    def counts(self) -> dict[str, Any]:
        with self._database.reading() as connection:
            return reading.counts(connection)


__all__ = ["MAX_OPS", "SqlStore"]
