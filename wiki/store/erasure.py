"""Erases a value from a store on disk, while others read it and wait to write.

Files first: killed in between, a file without the value looks like an edit from
outside and is taken in; the other way round, the old text would come back as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from wiki.errors import NotFound, ReadOnlyForNow
from wiki.model import names
from wiki.model.redaction import Places, Redaction

from . import reading
from .base import Author
from .core import Core
from .erasing import Eraser, Plan, expunge, make_plan, new_heads
from .file_erasing import FileErasing
from .files import Folder, in_plain_words
from .outcome import Stamp, stamp_of
from .ready import Ready
from .rows import PageRec, Sig
from .scanning import Scan
from .settling import Settler
from .sql_erasing import SqlErasing
from .sql_rows import PAGE

# Others save meanwhile; looking at a large history takes its time.
_PATIENCE = 60.0


class Erasure:
    """Finds and erases; ``folder``, ``settler``, ``scan`` are None without files."""

    def __init__(
        self,
        core: Core,
        folder: Folder | None,
        settler: Settler | None,
        scan: Scan | None,
    ) -> None:
        self._core, self._folder = core, folder
        self._settler, self._scan = settler, scan

    def find(self, redaction: Redaction, under: str) -> Places:
        with self._core.database.reading() as connection:
            plan = make_plan(SqlErasing(connection), redaction, under)
            pages = {row.path for row in connection.execute(PAGE)}
        if self._folder is not None:
            files = FileErasing(self._folder, redaction, _place(under))
            plan.places.add(files.find(pages))
        return plan.places

    def erase(
        self, redaction: Redaction, author: Author, under: str, *, files: bool
    ) -> Places:
        """Erase everywhere; ``files``: also remove files that hold it and are no text.

        Raises NotErasable, Busy, NoSpace, ReadOnly; nothing is erased then.
        """
        self._take_in()
        stamp = stamp_of(author, "", "system", None, None, ())
        with self._core.lock.held(_PATIENCE):
            plan = self._erase_pages(redaction, stamp, under)
        if self._settler is not None:
            # Renamed pages: the file at the old path goes.
            self._settler.settle(sorted(plan.rows))
        places = plan.places
        if self._folder is not None:
            job = FileErasing(self._folder, redaction, _place(under))
            places.add(job.run(remove=files))
        self.clean()
        return places

    def _take_in(self) -> None:
        """Make versions of what was edited outside, so that it is searched, too."""
        if self._scan is not None and self._settler is not None:
            with suppress(ReadOnlyForNow):
                self._scan.run()
            self._settler.settle(self._settler.pending())

    def _erase_pages(self, redaction: Redaction, stamp: Stamp, under: str) -> Plan:
        with self._core.database.reading() as connection:
            rows = SqlErasing(connection)
            plan = make_plan(rows, redaction, under)
            news = new_heads(rows, plan, redaction, self._core.describe)
        put: dict[int, tuple[str, bytes]] = {}
        try:
            sigs = self._write_files(plan.rows, news, put)
            # Also while the wiki is read-only: that is when it may be needed most.
            with self._core.database.writing(always=True) as connection:
                eraser = Eraser(
                    SqlErasing(connection),
                    redaction,
                    stamp,
                    files=self._folder is not None,
                    sigs=sigs,
                )
                eraser.run(plan, news, under)
        except BaseException:
            self._put_back(put)
            raise
        for page_id in plan.rows:
            self._core.published.pop(page_id, None)
        with self._core.committed:
            self._core.committed.notify_all()
        return plan

    def _write_files(
        self,
        recs: Mapping[int, PageRec],
        news: Mapping[int, Ready],
        put: dict[int, tuple[str, bytes]],
    ) -> dict[int, Sig]:
        """Write new texts in place, durably; return the stats of files that are done.

        ``put`` gets what stood there. A file that is not as the database says is
        left: it is looked at like any other file.
        """
        sigs: dict[int, Sig] = {}
        if self._folder is None:
            return sigs
        try:
            for page_id, rec in recs.items():
                seen = None if rec.deleted else self._folder.look(rec.path)
                ready = news[page_id]
                if seen is None or seen.hash not in (rec.text_hash, ready.hash):
                    continue
                sigs[page_id] = seen.sig
                if seen.hash != ready.hash:
                    temp = self._folder.stage(rec.path, ready.raw)
                    put[page_id] = (rec.path, seen.raw)
                    sigs[page_id] = self._folder.publish(temp, rec.path)
            self._folder.sync(path for path, _ in put.values())
        except OSError as error:
            raise in_plain_words(error) from error
        return sigs

    def _put_back(self, put: Mapping[int, tuple[str, bytes]]) -> None:
        assert self._folder is not None or not put
        for path, raw in put.values():
            with suppress(OSError):
                assert self._folder is not None
                self._folder.publish(self._folder.stage(path, raw), path)

    def expunge(self, page_name: str, n: int, author: Author) -> None:
        """Remove the text of a version; raises NotFound, NotErasable, BadName."""
        stamp = stamp_of(author, "", "system", None, None, ())
        with self._core.lock.held(), self._core.database.writing(always=True) as at:
            row = reading.find(at, names.clean(page_name), None)
            if row is None:
                raise NotFound
            expunge(SqlErasing(at), row.id, n, stamp)
        self.clean()

    def clean(self) -> None:
        """Let no page of the database and no log keep what was erased."""
        self._core.database.scrub()


class ErasingStore:
    """The part of a store on disk that removes for good."""

    _erasure: Erasure

    def find_value(self, redaction: Redaction, under: str = "") -> Places:
        return self._erasure.find(redaction, under)

    def erase_value(
        self,
        redaction: Redaction,
        author: Author,
        under: str = "",
        *,
        files: bool = False,
    ) -> Places:
        return self._erasure.erase(redaction, author, under, files=files)

    def expunge(self, page_name: str, n: int, author: Author) -> None:
        self._erasure.expunge(page_name, n, author)


def _place(under: str) -> str:
    """Return the folder of files that an area of pages has, relative."""
    folder = under.rpartition("/")[0]
    return "/".join(map(names.encode_segment, folder.split("/"))) if folder else ""
