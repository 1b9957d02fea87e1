"""Files beside pages: images and other attachments, in the folder of their page."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from wiki.errors import BadName, NotFound, TooLarge
from wiki.model import names
from wiki.model.files import may_be_beside

from .base import Beside
from .files import Folder, in_plain_words, is_ignored, is_page_file

MAX_BYTES = 20 * 1024 * 1024
SETTINGS = "wiki.toml"
_CHUNK = 64 * 1024
TOO_LARGE = "This file is too large (%(size)d of %(limit)d MB). Make it smaller."
PAGE_FILE = "“%(part)s” is a page, not a file beside one. Open it as a page."
HIDDEN_FILE = "“%(part)s” is a hidden or temporary file. Choose another name."

OTHER_TYPE = (
    "“%(part)s” is neither a picture nor a document that can lie beside a page. "
    "Save it as one of those, for example as PNG or PDF."
)


def clean_file_name(name: str) -> str:
    """Return the canonical spelling of a file's name; raises BadName."""
    cleaned = "/".join(names.clean_segments(name, drop_suffix=False))
    last = cleaned.rpartition("/")[2]
    if is_page_file(last):
        raise BadName(PAGE_FILE, part=last)
    if any(is_ignored(part) for part in cleaned.split("/")):
        raise BadName(HIDDEN_FILE, part=cleaned)
    return cleaned


def new_file_name(name: str) -> str:
    """Return the spelling of the name of a file to keep; raises BadName."""
    cleaned = clean_file_name(name)
    if not may_be_beside(cleaned):
        raise BadName(OTHER_TYPE, part=cleaned)
    return cleaned


def encoded_place(name: str) -> str:
    return "/".join(map(names.encode_segment, name.split("/")))


class BesideFiles:
    """``place`` is a folder relative to the pages folder, empty for the top."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def list(self, page_name: str, place: str) -> list[Beside]:
        found: list[Beside] = []
        if self._is_private(place):
            return found
        with suppress(OSError), os.scandir(self._folder.full(place)) as entries:
            for entry in entries:
                if (it := self._one(page_name, entry)) is not None:
                    found.append(it)
        return sorted(found, key=lambda it: it.name)

    def _one(self, page_name: str, entry: os.DirEntry[str]) -> Beside | None:
        if is_ignored(entry.name) or not may_be_beside(entry.name):
            return None
        if self._is_private(os.path.relpath(entry.path, self._folder.root)):
            return None
        try:
            status = entry.stat()
            entry.name.encode()
        except (OSError, UnicodeEncodeError):
            return None
        inside = self._folder.holds(os.path.realpath(entry.path))
        if not (stat.S_ISREG(status.st_mode) and inside):
            return None
        mtime = status.st_mtime_ns // 1_000_000
        return Beside(page_name, entry.name, status.st_size, mtime)

    def _is_private(self, path: str) -> bool:
        """Tell whether a path is of the instance itself, where that is the folder."""
        # Folded: on many disks VAR is var.
        path = path.casefold()
        return path == SETTINGS or (bool(path) and self._folder.is_skipped(path))

    def open(self, place: str, file_name: str) -> BinaryIO:
        cleaned = clean_file_name(file_name)
        if not may_be_beside(cleaned):
            raise NotFound
        # As it was put in the folder by hand, else as the wiki spells it.
        for spelling in dict.fromkeys((file_name, cleaned, encoded_place(cleaned))):
            file = self._open(f"{place}/{spelling}" if place else spelling)
            if file is not None:
                return file
        raise NotFound

    def _open(self, path: str) -> BinaryIO | None:
        real = os.path.realpath(self._folder.full(path))
        # Of what a link leads to as well, not only of what it is called.
        if not (self._folder.holds(real) and may_be_beside(real)):
            return None
        if self._is_private(os.path.relpath(real, self._folder.root)):
            return None
        try:
            # O_NONBLOCK: opening a pipe would wait for someone to write to it.
            descriptor = os.open(real, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            return None
        return open(descriptor, "rb")

    def put(self, place: str, file_name: str, data: BinaryIO) -> None:
        cleaned = encoded_place(new_file_name(file_name))
        path = f"{place}/{cleaned}" if place else cleaned
        if self._is_private(path):
            raise BadName(HIDDEN_FILE, part=path)
        try:
            temp = self._folder.stage_stream(path, chunks(data))
            try:
                self._folder.publish(temp, path)
            except BaseException:
                os.unlink(temp)
                raise
            self._folder.sync([path])
        except OSError as error:
            raise in_plain_words(error) from error


def chunks(data: BinaryIO) -> Iterator[bytes]:
    """Yield the data piece by piece; raises TooLarge at the limit."""
    size = 0
    while chunk := data.read(_CHUNK):
        size += len(chunk)
        if size > MAX_BYTES:
            limit = MAX_BYTES // 1024 // 1024
            raise TooLarge(TOO_LARGE, size=-(-size // 1024 // 1024), limit=limit)
        yield chunk
