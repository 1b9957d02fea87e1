"""The pages folder: looks at files, writes them safely, never outside of it."""

from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from errno import EBUSY, EDQUOT, EFBIG, ENOSPC
from pathlib import Path

from wiki.errors import BadName, NoSpace, ReadOnly, WikiError

from .base import MAX_PAGE_BYTES
from .ready import hashed
from .rows import Sig

SUFFIXES = (".md", ".markdown")
TOO_LONG = (
    "This file is longer than 256 kB, so it is not shown as a page. "
    "Split it into several files."
)
NOT_UTF8 = (
    "This file is not text in UTF-8, so it is not shown as a page. Save it as UTF-8."
)
_INSTANCES_OWN = (
    "“%(part)s” holds files of the wiki itself, so no page can be in it. "
    "Choose another name."
)
_OUTSIDE = "“%(part)s” leads out of the pages folder. Choose another name."
# Folders of the instance, where that is the pages folder too.
_RESERVED = frozenset({"var", "plugins", "node_modules"})
_SETTINGS = "wiki.toml"
_STALE_SECONDS = 3600
_FULL = frozenset({ENOSPC, EDQUOT, EFBIG})
_BOM = b"\xef\xbb\xbf"


def in_plain_words(error: OSError) -> WikiError:
    """Return the error a person can act on for a failed write."""
    return NoSpace() if error.errno in _FULL else ReadOnly()


def is_page_file(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def is_ignored(name: str) -> bool:
    """Tell whether editors and tools own a file: hidden, backup or temporary."""
    return name.startswith((".", "~")) or name.endswith(("~", ".tmp", ".swp", ".swo"))


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as read: its text with LF line ends, or why it cannot be a page."""

    sig: Sig
    raw: bytes
    hash: bytes
    reason: str = ""

    @property
    def blank(self) -> bool:
        """Empty or only NUL bytes: what an interrupted write leaves behind."""
        return not self.raw.strip(b"\0")

    @property
    def text(self) -> str:
        return self.raw.decode()

    def is_young(self, now: float) -> bool:
        """Tell whether someone may still be writing the file (S-14)."""
        return 0 <= now - self.sig.mtime_ns / 1e9 < 1


def _sig(status: os.stat_result) -> Sig:
    return Sig(status.st_mtime_ns, status.st_size, status.st_ino)


class Folder:
    """Paths are relative to the folder, with slashes; a Sig is one stat of a file."""

    def __init__(self, root: Path, var: Path) -> None:
        self.root = os.path.realpath(root)
        self._var = os.path.realpath(var)
        self._is_instance = self._var.startswith(self.root + os.sep) or os.path.isfile(
            self.full(_SETTINGS)
        )

    @property
    def is_instance(self) -> bool:
        """Tell whether more than pages lies in the folder: databases, settings."""
        return self._is_instance

    def full(self, path: str) -> str:
        return f"{self.root}/{path}"

    def sig(self, path: str) -> Sig | None:
        """Return the stat of a file, None where there is no regular file."""
        try:
            status = os.stat(f"{self.root}/{path}")
        except OSError:
            return None
        return _sig(status) if stat.S_ISREG(status.st_mode) else None

    def look(self, path: str) -> Seen | None:
        """Read a file with its stat; None where there is none or it leads outside."""
        try:
            if not self.holds(os.path.realpath(self.full(path))):
                return None
            with open(self.full(path), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    return None
                # Twice the size of a page: CRLF line ends shrink to LF.
                raw = file.read(2 * MAX_PAGE_BYTES + 8)
        except OSError:
            return None
        return _seen(_sig(status), raw)

    def holds(self, real: str) -> bool:
        """Tell whether a resolved path lies in the folder and not in var/."""
        in_var = real == self._var or real.startswith(self._var + os.sep)
        return real.startswith(self.root + os.sep) and not in_var

    def check_target(self, path: str) -> None:
        """Raise BadName where no page may be written."""
        first, slash, _ = path.partition("/")
        if self._is_instance and slash and first.casefold() in _RESERVED:
            raise BadName(_INSTANCES_OWN, part=first)
        self._check_inside(path)

    def _check_inside(self, path: str) -> None:
        """Raise BadName when a link leads out of the folder, or into var/."""
        if not self.holds(os.path.realpath(os.path.dirname(self.full(path))) + os.sep):
            raise BadName(_OUTSIDE, part=path.removesuffix(".md"))

    # -- writing

    def stage(self, path: str, raw: bytes) -> str:
        """Write a text beside its target; return the temporary file.

        Raises OSError, and BadName when a link leads out of the folder.
        """
        return self._stage(path, [raw])

    def stage_stream(self, path: str, chunks: Iterable[bytes]) -> str:
        """Write a file beside its target, durably; return the temporary file."""
        temp = self._stage(path, chunks)
        self.sync([temp], absolute=True)
        return temp

    def _stage(self, path: str, chunks: Iterable[bytes]) -> str:
        temp = self.temp_for(path)
        descriptor = os.open(temp, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC)
        try:
            with open(descriptor, "wb") as file:
                os.fchmod(descriptor, self._mode(path))
                for chunk in chunks:
                    file.write(chunk)
        except BaseException:
            os.unlink(temp)
            raise
        return temp

    def temp_for(self, path: str) -> str:
        """Return a new temporary name in the target's folder, which is made."""
        self._check_inside(path)
        parent = os.path.dirname(self.full(path))
        os.makedirs(parent, exist_ok=True)
        return f"{parent}/.~{secrets.token_hex(8)}.tmp"

    def _mode(self, path: str) -> int:
        """Return the mode of the file that is replaced, else what is usual."""
        try:
            return stat.S_IMODE(os.stat(self.full(path)).st_mode)
        except OSError:
            return 0o666 & ~_UMASK

    def publish(self, temp: str, path: str) -> Sig:
        """Move a temporary file to its place; raises OSError."""
        full = self.full(path)
        os.replace(temp, full)
        return _sig(os.stat(full))

    def take_away(self, path: str, new_path: str, expected: Sig | None) -> str:
        """Move a file to a temporary name in the folder of its new path.

        Raises OSError, and puts it back when it is not what was expected; BadName
        when a link leads out of the folder.
        """
        self._check_inside(path)
        temp = self.temp_for(new_path)
        os.rename(self.full(path), temp)
        if _sig(os.stat(temp)) != expected:
            os.rename(temp, self.full(path))
            raise OSError(EBUSY, os.strerror(EBUSY))
        self._prune(path)
        return temp

    def remove(self, path: str) -> None:
        """Remove a file and the folders that it leaves empty.

        Raises OSError, and BadName when a link leads out of the folder.
        """
        self._check_inside(path)
        with suppress(FileNotFoundError):
            os.unlink(self.full(path))
        self._prune(path)

    def _prune(self, path: str) -> None:
        while path := os.path.dirname(path):
            try:
                os.rmdir(self.full(path))
            except OSError:
                return

    def sync(self, paths: Iterable[str], *, absolute: bool = False) -> None:
        """Make files, and what their folders say of them, durable; raises OSError."""
        full = [path if absolute else self.full(path) for path in paths]
        files = filter(os.path.isfile, full)
        for place in dict.fromkeys([*files, *map(self._nearest_folder, full)]):
            with suppress(FileNotFoundError):
                _fsync(place)

    def _nearest_folder(self, full: str) -> str:
        """Return the folder that tells of a file, also when its own was pruned."""
        place = os.path.dirname(full)
        while len(place) > len(self.root) and not os.path.isdir(place):
            place = os.path.dirname(place)
        return place

    # -- looking at all of it

    def walk(self) -> Iterator[tuple[str, Sig]]:
        """Yield all page files with their stat, folder by folder in path order."""
        todo = [""]
        while todo:
            place = todo.pop()
            folders = []
            for entry in self._entries(place):
                path = f"{place}/{entry.name}" if place else entry.name
                if self._is_folder(entry, path):
                    folders.append(path)
                elif (found := self._page_file(entry)) is not None:
                    yield path, found
            todo += reversed(folders)

    def _entries(self, place: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.full(place) if place else self.root) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError:
            return []

    def _is_folder(self, entry: os.DirEntry[str], path: str) -> bool:
        if not entry.is_dir(follow_symlinks=False):
            return False
        return not self.is_skipped(path) and os.path.realpath(entry.path) != self._var

    def is_skipped(self, path: str) -> bool:
        """Tell whether a scan leaves out a folder, or a file in such a folder."""
        parts = path.split("/")
        top = parts[0] in ("var", "plugins")
        return top or any(
            part.startswith(".") or part == "node_modules" for part in parts
        )

    def _page_file(self, entry: os.DirEntry[str]) -> Sig | None:
        if is_ignored(entry.name):
            self._drop_if_stale(entry)
            return None
        if not is_page_file(entry.name):
            return None
        try:
            if entry.is_symlink() and not self.holds(os.path.realpath(entry.path)):
                return None
            status = entry.stat()
        except OSError:
            return None
        return _sig(status) if stat.S_ISREG(status.st_mode) else None

    def _drop_if_stale(self, entry: os.DirEntry[str]) -> None:
        """Remove our own temporary file that a killed process left an hour ago."""
        if not (entry.name.startswith(".~") and entry.name.endswith(".tmp")):
            return
        with suppress(OSError):
            if (
                time.time() - entry.stat(follow_symlinks=False).st_mtime
                > _STALE_SECONDS
            ):
                os.unlink(entry.path)


def _fsync(place: str) -> None:
    descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _seen(sig: Sig, raw: bytes) -> Seen:
    raw = raw.removeprefix(_BOM).replace(b"\r\n", b"\n")
    reason = ""
    if len(raw) > MAX_PAGE_BYTES:
        reason = TOO_LONG
    elif b"\0" in raw or not _is_utf8(raw):
        reason = NOT_UTF8
    return Seen(sig, raw, hashed(raw), reason)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


# Read once: it can only be read by setting it, which other threads would feel.
_UMASK = _umask()
