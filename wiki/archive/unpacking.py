"""Makes a wiki out of an archive again, in an empty folder, once it is verified."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from wiki.store.files import in_plain_words
from wiki.store.opening import make_private

from .age import Lock
from .errors import ArchiveError
from .reading import Manifest, read_archive, verify

NOT_EMPTY = "“%(path)s” is not empty. Name a folder that is not there yet."
NO_ROOM = (
    "There is not enough room: the wiki needs %(need)d MB, and %(free)d MB are free."
)
_MB = 1024 * 1024


def unpack(archive: Path, folder: Path, lock: Lock | None) -> Manifest:
    """Unpack an archive; return its manifest.

    Read through once before anything is written. Raises ArchiveError, NotVerified,
    NoSpace, ReadOnly; the folder is then as it was.
    """
    if os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise ArchiveError(NOT_EMPTY, path=folder)
    manifest = verify(archive, lock)
    made = not folder.exists()
    try:
        make_private(folder)
        free = shutil.disk_usage(folder).free
        if free < manifest.size:
            need = -(-manifest.size // _MB)
            raise ArchiveError(NO_ROOM, need=need, free=free // _MB)
        target = _Target(folder, _pages_of(manifest))
        read_archive(archive, lock, target.take)
    except BaseException as error:
        _take_back(folder, made)
        if isinstance(error, OSError):
            raise in_plain_words(error) from error
        raise
    return manifest


def _pages_of(manifest: Manifest) -> PurePosixPath:
    """Return the pages folder as the wiki's settings name it, if it is inside."""
    said = PurePosixPath(str(manifest.about.get("pages") or "pages"))
    outside = said.is_absolute() or ".." in said.parts or said.parts[:1] == ("var",)
    return PurePosixPath("pages") if outside else said


class _Target:
    """The new folder of a wiki; every file is made new, for its owner alone."""

    def __init__(self, folder: Path, pages: PurePosixPath) -> None:
        self._folder, self._pages = folder, pages

    def take(self, name: str, chunks: Iterator[bytes]) -> None:
        path = PurePosixPath(name)
        if path.parts[0] == "pages":
            path = self._pages.joinpath(*path.parts[1:])
        try:
            self._write(self._folder / path, chunks)
        except OSError as error:
            raise in_plain_words(error) from error

    def _write(self, full: Path, chunks: Iterator[bytes]) -> None:
        make_private(full.parent)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(full, flags, 0o600), "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())


def _take_back(folder: Path, made: bool) -> None:
    with suppress(OSError):
        if made:
            shutil.rmtree(folder)
            return
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
