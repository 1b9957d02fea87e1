"""Erases a value from files beside pages: their names, and what they say as text.

What is no text (a picture, a PDF, an office document) can only be removed whole.
"""

from __future__ import annotations

import io
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import suppress

from wiki.model.files import may_be_beside
from wiki.model.page import WARNING, Problem
from wiki.model.redaction import Places, Redaction

from .files import Folder, is_page_file

# Beyond this a file is searched by its raw bytes only.
_MOST = 256 * 1024 * 1024
_MOST_PART = 64 * 1024 * 1024
_REPOSITORIES = frozenset({".git", ".hg", ".svn"})
_TAGS = re.compile(rb"<[^>]{0,4096}>")
REPOSITORY = (
    "“%(path)s” is a repository of versions. What it holds stays; its owner must "
    "clean it."
)
NOT_READ = "“%(path)s” could not be read, so it was not searched."
NOT_WRITTEN = "“%(path)s” could not be changed. It still holds what was to be erased."


class FileErasing:
    """The files of a pages folder below ``place``, a path relative to it or ""."""

    def __init__(self, folder: Folder, redaction: Redaction, place: str = "") -> None:
        self._folder, self._redaction, self._place = folder, redaction, place
        self._own = not folder.is_instance

    def find(self, pages: set[str]) -> Places:
        """Look into all files but those of pages, which are searched as pages."""
        found = Places()
        for path in self._walk(found):
            if path in pages:
                continue
            found.count += self._redaction.count(path.rpartition("/")[2])
            raw = self._read(path, found)
            if raw is None or not self._holds(raw):
                continue
            found.count += 1
            if _text_of(raw) is None:
                found.files.append(path)
        return found

    def run(self, *, remove: bool) -> Places:
        """Erase; files that are no text are removed if so asked, and listed if not."""
        found = Places()
        for path in list(self._walk(found)):
            raw = self._read(path, found)
            try:
                if raw is not None and self._holds(raw):
                    self._erase(path, raw, found, remove=remove)
                self._rename(path)
            except OSError:
                self._say(found, NOT_WRITTEN, path)
        return found

    def _erase(self, path: str, raw: bytes, found: Places, *, remove: bool) -> None:
        text = _text_of(raw)
        if _is_temporary(path) or (text is None and remove):
            self._folder.remove(path)
        elif text is None:
            found.files.append(path)
        else:
            temp = self._folder.stage(path, self._redaction.apply(text).encode())
            self._folder.publish(temp, path)
            self._folder.sync([path])

    def _rename(self, path: str) -> None:
        """Give a file whose path holds the value another one, if it is still there."""
        if not self._redaction.hits(path) or self._folder.sig(path) is None:
            return
        stem, dot, suffix = self._redaction.apply(path).rpartition(".")
        new, number = f"{stem}{dot}{suffix}", 1
        while os.path.lexists(self._folder.full(new)):
            number += 1
            new = f"{stem} {number}{dot}{suffix}"
        os.makedirs(os.path.dirname(self._folder.full(new)), exist_ok=True)
        os.rename(self._folder.full(path), self._folder.full(new))
        self._folder.remove(path)  # and the folders it leaves empty
        self._folder.sync([new, path])

    def _walk(self, found: Places) -> Iterator[str]:
        """Yield the paths of regular files; links are not followed."""
        root = self._folder.root
        for here, folders, files in os.walk(os.path.join(root, self._place)):
            place = os.path.relpath(here, root)
            place = "" if place == "." else f"{place}/"
            for name in sorted(_REPOSITORIES.intersection(folders)):
                self._say(found, REPOSITORY, place + name)
            folders[:] = sorted(it for it in folders if self._enters(place + it))
            for name in sorted(filter(self._is_ours, files)):
                with suppress(OSError):
                    if stat.S_ISREG(os.lstat(os.path.join(here, name)).st_mode):
                        yield place + name

    def _is_ours(self, name: str) -> bool:
        # Where the folder is the instance, it holds other people's programs, too.
        shown = is_page_file(name) or may_be_beside(name) or _is_temporary(name)
        return self._own or shown

    def _enters(self, path: str) -> bool:
        if path.rpartition("/")[2] in _REPOSITORIES:
            return False
        inside = self._folder.holds(os.path.realpath(self._folder.full(path)))
        return inside and (self._own or not self._folder.is_skipped(path))

    def _read(self, path: str, found: Places) -> bytes | None:
        try:
            with open(self._folder.full(path), "rb") as file:
                return file.read(_MOST)
        except OSError:
            self._say(found, NOT_READ, path)
            return None

    def _holds(self, raw: bytes) -> bool:
        text = _text_of(raw)
        if text is not None:
            return self._redaction.hits(text)
        if self._redaction.hits_raw(raw):
            return True
        return raw[:4] == b"PK\x03\x04" and any(map(self._in_part, _parts(raw)))

    def _in_part(self, part: bytes) -> bool:
        # A word may be cut by the tags of its letters.
        plain = _TAGS.sub(b"", part)
        return self._redaction.hits_raw(part) or self._redaction.hits_raw(plain)

    @staticmethod
    def _say(found: Places, message: str, path: str) -> None:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        found.left.append(Problem(WARNING, "", message, params={"path": shown}))


def _text_of(raw: bytes) -> str | None:
    if b"\0" in raw or len(raw) >= _MOST:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def _is_temporary(path: str) -> bool:
    """Tell whether a killed save of ours left a file."""
    name = path.rpartition("/")[2]
    return name.startswith(".~") and name.endswith(".tmp")


def _parts(raw: bytes) -> Iterator[bytes]:
    """Yield the parts of an office document, as far as they can be read."""
    with suppress(Exception), zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for info in archive.infolist()[:5000]:
            with suppress(Exception), archive.open(info) as part:
                yield part.read(_MOST_PART)
