"""The embedded engine: a Whoosh index below ``var``, one writer, many readers.

Whoosh keeps words, counts and places on disk and merges segments; which pages match
and how well is worked out in ``whoosh_snapshot``. What must be known of Whoosh: its
files hold pickles (the folder stays private and is opened with our schema), its
``refresh`` leaks descriptors (not used), and one reader serves one thread at a time.
"""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from whoosh import __version__ as whoosh_version

from wiki.errors import IndexUnusable
from wiki.search import pointer
from wiki.search.base import Document, Remove, Upsert
from wiki.search.fields import Indexed, indexed
from wiki.search.pointer import Pointer
from wiki.search.whoosh_files import writing
from wiki.search.whoosh_generation import Generation, load
from wiki.search.whoosh_merge import merge_policy, needs_merge
from wiki.search.whoosh_schema import LAYOUT, mark_row, pack, page_row
from wiki.search.whoosh_snapshot import WhooshSnapshot

# Removed pages remembered, so that a late replay cannot bring them back.
_REMEMBERED = 5_000


class WhooshEngine:
    """See ``wiki.search.base.Engine``. Threads share it; one process writes."""

    def __init__(self) -> None:
        self._home: Path | None = None
        self._fingerprint = ""
        self._current: Generation | None = None
        self._stamp: pointer.Stamp | None = None
        self._lock = threading.RLock()
        self._writing = threading.Lock()

    # -- open and close

    def open(self, path: Path | None, fingerprint: str) -> None:
        self._settle(path, fingerprint)
        table = self._table
        if pointer.stamp(table) is None:
            if _leftovers(self._folder):
                raise IndexUnusable("The search index has lost its table.")
            self._publish_new(_empty(self._folder, 0, self._fingerprint))
        with self._lock:
            self._load()

    def close(self) -> None:
        with self._lock:
            if self._current is not None:
                self._current.release()
            self._current, self._stamp = None, None

    def _settle(self, path: Path | None, fingerprint: str) -> None:
        if path is None:
            raise ValueError("the Whoosh engine needs a folder")
        self.close()
        version = ".".join(map(str, whoosh_version))
        self._home = path / "whoosh"
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._fingerprint = f"{fingerprint}, layout {LAYOUT}, whoosh {version}"

    @property
    def _folder(self) -> Path:
        if self._home is None:
            raise IndexUnusable("The search index is not open.")
        return self._home

    @property
    def _table(self) -> Path:
        return self._folder / "current"

    def _publish_new(self, name: str) -> None:
        """Make a new empty folder the current one, unless someone was faster."""
        if not pointer.create(self._table, Pointer(name, 1, self._fingerprint)):
            shutil.rmtree(self._folder / name, ignore_errors=True)

    # -- reading

    def applied_seq(self) -> int:
        return self._latest().seq

    def generation(self) -> int:
        return self._latest().number

    @contextmanager
    def snapshot(self) -> Iterator[WhooshSnapshot]:
        with self._lock:
            held = self._latest().hold()
        try:
            yield WhooshSnapshot(held.views, held.seq, held.totals)
        finally:
            held.release()

    def _latest(self) -> Generation:
        """Return the current generation, loaded anew if the table changed."""
        with self._lock:
            if self._current is None or pointer.stamp(self._table) != self._stamp:
                self._load()
            if self._current is None:
                raise IndexUnusable("The search index is not open.")
            return self._current

    def _load(self) -> None:
        new, stamp = load(self._folder, self._table, self._fingerprint, self._current)
        if self._current is not None:
            self._current.release()
        self._current, self._stamp = new, stamp

    # -- writing

    def apply(self, batch: Sequence[Upsert | Remove], seq: int) -> None:
        with self._writing, self._writer() as writer:
            current = self._latest()
            gone = dict(current.gone)
            upserts, removed = _newest(batch, current, gone)
            places = current.places(
                [segment.segment_id() for segment in writer.segments]
            )
            for number in [*places.of_pages(removed), *places.of_marks()]:
                writer.delete_document(number)
            for page in upserts:
                _add(writer, page)
            gone = dict(sorted(gone.items(), key=lambda pair: pair[1])[-_REMEMBERED:])
            mark = mark_row(max(seq, current.seq), self._fingerprint, gone)
            writer.add_document(page=mark)
            writer.commit(mergetype=merge_policy(urgent=True))

    @contextmanager
    def _writer(self) -> Iterator[Any]:
        """Lend a writer of the current folder; readers then hear of the commit."""
        here = pointer.read(self._table)
        with writing(self._folder / here.folder) as writer:
            yield writer
        new = Pointer(here.folder, here.commit + 1, self._fingerprint)
        pointer.write(self._table, new)

    def upkeep(self) -> bool:
        with self._writing:
            current = self._latest()
            if not needs_merge([(len(v.live), len(v.deleted)) for v in current.views]):
                return False
            with self._writer() as writer:
                writer.commit(mergetype=merge_policy())
        return True

    # -- from nothing

    def rebuild(
        self,
        path: Path | None,
        fingerprint: str,
        documents: Iterable[Document],
        seq: int,
        progress: Callable[[int], None] = lambda done: None,
    ) -> None:
        self._settle(path, fingerprint)
        with self._writing:
            commit = self._next_commit()
            name = secrets.token_hex(8)
            folder = self._folder / name
            try:
                self._fill(folder, documents, seq, progress)
                pointer.write(self._table, Pointer(name, commit, self._fingerprint))
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            for other in _leftovers(self._folder):
                if other.name != name:
                    shutil.rmtree(other, ignore_errors=True)
        with self._lock:
            self._load()

    def _next_commit(self) -> int:
        try:
            return pointer.read(self._table).commit + 1
        except IndexUnusable:
            return 1

    def _fill(
        self,
        folder: Path,
        documents: Iterable[Document],
        seq: int,
        progress: Callable[[int], None],
    ) -> None:
        with writing(folder, new=True) as writer:
            for done, document in enumerate(documents, 1):
                _add(writer, indexed(document))
                progress(done)
            writer.add_document(page=mark_row(seq, self._fingerprint, {}))
            writer.commit(merge=False)

    def health(self) -> tuple[str, str]:
        try:
            pages = self._latest().totals.pages
        except Exception as error:
            return ("rebuild", str(error))
        return ("ok", f"{pages} pages are in the search index.")


def _newest(
    batch: Sequence[Upsert | Remove], current: Generation, gone: dict[int, int]
) -> tuple[list[Indexed], set[int]]:
    """Return the pages to add and the ids whose entries go; updates ``gone``."""
    newest: dict[int, Upsert | Remove] = {}
    for change in batch:
        id, seq = _id_and_seq(change)
        known = _id_and_seq(newest[id])[1] if id in newest else current.seq_of(id)
        if seq >= max(known, gone.get(id, 0)):
            newest[id] = change
            if isinstance(change, Remove):
                gone[id] = seq
    upserts = []
    for id, change in newest.items():
        if isinstance(change, Upsert):
            upserts.append(indexed(change.document))
            gone.pop(id, None)
    return upserts, set(newest)


def _id_and_seq(change: Upsert | Remove) -> tuple[int, int]:
    if isinstance(change, Upsert):
        return change.document.id, change.document.seq
    return change.id, change.seq


def _add(writer: Any, page: Indexed) -> None:
    writer.add_document(
        all=page.all,
        title=page.title,
        page=page_row(page),
        body=pack(page.document.body),
    )


def _empty(home: Path, seq: int, fingerprint: str) -> str:
    """Make a folder with an index without pages; return its name."""
    name = secrets.token_hex(8)
    with writing(home / name, new=True) as writer:
        writer.add_document(page=mark_row(seq, fingerprint, {}))
        writer.commit(merge=False)
    return name


def _leftovers(home: Path) -> list[Path]:
    return [path for path in home.iterdir() if path.is_dir()]
