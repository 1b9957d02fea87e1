"""Reads an archive: what it holds, every byte compared with its manifest."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from . import age
from .age import Lock
from .errors import ArchiveError, NotVerified

LOCK, LOCKED, MANIFEST = "key.age", "wiki.tar.age", "manifest.json"
MAX_FILES = 2_000_000
_MAX_MANIFEST = 512 * 1024 * 1024
_MAX_LOCK = 4096
_CHUNK = 1 << 20

NO_ARCHIVE = "“%(path)s” is no archive of a wiki, or it is damaged."
PASSPHRASE_NEEDED = "This archive is locked. Give the passphrase it was locked with."
# What is done with the bytes of a member while they are read.
Take = Callable[[str, Iterator[bytes]], None]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds: {name: (bytes, SHA-256)}, and what it is about."""

    about: dict[str, Any]
    files: dict[str, tuple[int, str]]

    @property
    def size(self) -> int:
        return sum(size for size, _ in self.files.values())


def verify(path: Path, lock: Lock | None) -> Manifest:
    """Read an archive to its end; return its manifest when every hash is right.

    Raises NotVerified, ArchiveError for what is no archive or another passphrase.
    """
    return read_archive(path, lock, _drop)


def _drop(_name: str, chunks: Iterator[bytes]) -> None:
    for _ in chunks:
        continue


def is_locked(path: Path) -> bool:
    """Tell whether an archive needs a passphrase; raises ArchiveError."""
    with _opened(path) as file:
        return _first(file, path) == LOCK


def read_archive(path: Path, lock: Lock | None, take: Take) -> Manifest:
    """Hand the members of an archive on, one after the other; return its manifest.

    Raises NotVerified when something is missing, too much or not what it was.
    """
    with _opened(path) as file, _body(file, path, lock) as body:
        try:
            with tarfile.open(fileobj=body, mode="r|") as tar:
                return _read(tar, take)
        except (tarfile.TarError, EOFError, OSError, ValueError) as error:
            raise NotVerified(_said(error)) from error


def _said(error: Exception) -> str:
    full = isinstance(error, OSError) and error.errno
    return f"It could not be read ({os.strerror(full)})." if full else ""


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except (FileNotFoundError, IsADirectoryError) as error:
        raise ArchiveError(NO_ARCHIVE, path=path) from error


def _first(file: BinaryIO, path: Path) -> str:
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            first = tar.next()
    except (tarfile.TarError, OSError, ValueError) as error:
        raise ArchiveError(NO_ARCHIVE, path=path) from error
    finally:
        file.seek(0)
    if first is None:
        raise ArchiveError(NO_ARCHIVE, path=path)
    return first.name


@contextmanager
def _body(file: BinaryIO, path: Path, lock: Lock | None) -> Iterator[BinaryIO]:
    """Lend the stream of the members, unlocked."""
    if _first(file, path) != LOCK:
        yield file
        return
    if lock is None:
        raise ArchiveError(PASSPHRASE_NEEDED)
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            first, rest = tar.next(), tar.next()
            if first is None or rest is None or rest.name != LOCKED:
                raise NotVerified
            if not (first.isreg() and rest.isreg() and first.size <= _MAX_LOCK):
                raise NotVerified
            locked, source = tar.extractfile(first), tar.extractfile(rest)
            assert locked is not None
            assert source is not None
            key = lock.open(locked.read())
            with age.unlocking(key, source) as body:  # type: ignore[arg-type]
                yield body
    except (tarfile.TarError, EOFError, OSError) as error:
        raise NotVerified from error


def _read(tar: tarfile.TarFile, take: Take) -> Manifest:
    found: dict[str, tuple[int, str]] = {}
    manifest = None
    for info in tar:
        if manifest is not None or not _is_plain(info) or info.name in found:
            raise NotVerified
        file = tar.extractfile(info)
        assert file is not None
        if info.name == MANIFEST:
            if info.size > _MAX_MANIFEST:
                raise NotVerified
            manifest = _manifest(file.read())
            continue
        if len(found) >= MAX_FILES:
            raise NotVerified
        seen = _Seen(file)  # type: ignore[arg-type]
        take(info.name, seen.chunks())
        if seen.size != info.size:
            raise NotVerified
        found[info.name] = (seen.size, seen.hash.hexdigest())
    if manifest is None or manifest.files != found:
        raise NotVerified
    return manifest


def _is_plain(info: tarfile.TarInfo) -> bool:
    """Tell whether a member is a file with a name that stays where it is put."""
    parts = info.name.split("/")
    known = parts[0] in ("pages", "var") and len(parts) > 1
    inside = all(part not in ("", ".", "..") and "\0" not in part for part in parts)
    regular = info.type in (tarfile.REGTYPE, tarfile.AREGTYPE)
    return regular and inside and (known or info.name in (MANIFEST, "wiki.toml"))


class _Seen:
    """The bytes of a member, counted and hashed as they go by."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.size, self.hash = file, 0, hashlib.sha256()

    def chunks(self) -> Iterator[bytes]:
        while chunk := self._file.read(_CHUNK):
            self.size += len(chunk)
            self.hash.update(chunk)
            yield chunk


def _manifest(raw: bytes) -> Manifest:
    try:
        said = json.loads(raw)
        files = {
            str(name): (int(size), str(sha))
            for name, (size, sha) in said.pop("files").items()
        }
        return Manifest(dict(said), files)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotVerified from error
