"""Brings a folder of Markdown in: pages with their front matter, pictures beside.

Texts are taken as they are. One commit per 100 pages; running it again changes
nothing that is already there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from .errors import NotFound, WikiError
from .model import names
from .model.actor import Actor
from .model.files import may_be_beside
from .model.page import ANY, NEW, Op, Page, Put, Redirect
from .service import Wiki
from .store.base import MAX_PAGE_BYTES, Author

BATCH = 100
_CHUNK = 64 * 1024


@dataclass(slots=True)
class ImportReport:
    """How many pages are new, changed and the same, files, and what was refused.

    ``kept`` counts pages and files that differ here and were left alone.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    kept: int = 0
    files: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def found_in(folder: Path) -> list[Path]:
    """Return the files of a folder that an import looks at, in order."""
    return sorted(_walk(folder))


def _walk(folder: Path) -> Iterator[Path]:
    for here, children, files in os.walk(folder):
        children[:] = [
            name for name in children if not name.startswith((".", "node_modules"))
        ]
        for name in files:
            path = Path(here) / name
            if not name.startswith(".") and not path.is_symlink():
                yield path


class FolderImport:
    """One import; ``replace`` overwrites what differs, else pages and files stay."""

    def __init__(
        self, wiki: Wiki, actor: Actor, folder: Path, into: str, *, replace: bool
    ) -> None:
        self._wiki, self._actor, self._folder = wiki, actor, folder
        self._into = into.strip("/")
        self._replace = replace
        self._waiting: list[tuple[str, Op]] = []
        self.report = ImportReport()

    def run(self, files: list[Path], *, dry_run: bool = False) -> Iterator[Path]:
        """Bring files in one by one, yielding each when it was looked at."""
        for path in files:
            place = path.relative_to(self._folder).as_posix()
            try:
                self._take(path, place, dry_run=dry_run)
            except WikiError as error:
                self.report.refused[place] = str(error)
            except OSError as error:
                self.report.refused[place] = f"It cannot be read ({error.strerror})."
            yield path
        self._commit()

    def _take(self, path: Path, place: str, *, dry_run: bool) -> None:
        kind = path.suffix.lower()
        if kind in (".md", ".markdown"):
            self._page(path, place, dry_run=dry_run)
        elif may_be_beside(path.name):
            self._file(path, place, dry_run=dry_run)

    def _page(self, path: Path, place: str, *, dry_run: bool) -> None:
        text = self._text(path, place)
        if text is None:
            return
        name = names.from_path(place)
        name = names.clean(f"{self._into}/{name}" if self._into else name)
        op = self._operation(name, text)
        if op is not None and not dry_run:
            self._waiting.append((place, op))
            if len(self._waiting) >= BATCH:
                self._commit()

    def _text(self, path: Path, place: str) -> str | None:
        if path.stat().st_size > MAX_PAGE_BYTES:
            kb = path.stat().st_size // 1024
            self.report.refused[place] = f"It is too long ({kb} of 256 kB). Split it."
            return None
        try:
            return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            self.report.refused[place] = "It is not UTF-8 text. Save it as UTF-8."
            return None

    def _operation(self, name: str, text: str) -> Op | None:
        try:
            there = self._wiki.store.get(name)
        except NotFound:
            there = None
        if there is None or isinstance(there, Redirect):
            self.report.new += 1
            return Put(name, text, NEW)
        return self._change(there, text)

    def _change(self, there: Page, text: str) -> Op | None:
        if there.text == text:
            self.report.same += 1
        elif not self._replace:
            self.report.kept += 1
        else:
            self.report.changed += 1
            return Put(there.id, text, ANY)
        return None

    def _file(self, path: Path, place: str, *, dry_run: bool) -> None:
        folder, _, name = place.rpartition("/")
        # The store finds a folder by a page in it; there need be none yet.
        page = names.from_path(f"{folder}/x.md" if folder else "x.md")
        page = names.clean(f"{self._into}/{page}" if self._into else page)
        with path.open("rb") as data:
            if self._stays(page, name, data):
                return
            if not dry_run:
                data.seek(0)
                self._wiki.store.put_beside(page, name, data)
        self.report.files += 1

    def _stays(self, page: str, name: str, data: BinaryIO) -> bool:
        """Tell, and count, whether the file that is there already is left alone."""
        try:
            there = self._wiki.store.open_beside(page, name)
        except NotFound:
            return False
        with there:
            if _same_bytes(there, data):
                self.report.files += 1
            elif not self._replace:
                self.report.kept += 1
            else:
                return False
        return True

    def _commit(self) -> None:
        """Commit what waits; a batch that is refused is tried page by page."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            self._write([op for _, op in waiting])
        except WikiError:
            for place, op in waiting:
                try:
                    self._write([op])
                except WikiError as error:
                    self.report.refused[place] = str(error)

    def _write(self, ops: list[Op]) -> None:
        author = Author(self._actor.id, self._actor.name)
        self._wiki.store.commit(ops, author, comment="Import", origin="import")


def _same_bytes(one: BinaryIO, other: BinaryIO) -> bool:
    while True:
        a, b = one.read(_CHUNK), other.read(_CHUNK)
        if a != b:
            return False
        if not a:
            return True
