"""Writes an archive: beside its place, durably, verified, and only then by its name."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EFBIG, ENOSPC
from pathlib import Path
from typing import Any, BinaryIO

from wiki.config import Config
from wiki.store.files import in_plain_words

from . import age
from .age import Lock
from .collecting import Collected, Item
from .errors import ArchiveError, NotVerified
from .reading import LOCK, LOCKED, MANIFEST, Manifest, verify

FORMAT = 1
EXISTS = "“%(path)s” is there already. Choose another name for the archive."
NO_FOLDER = "There is no folder “%(path)s” to put the archive in. Make it first."
INSIDE = (
    "An archive cannot lie in the folder of the wiki itself. Choose another disk, or "
    "another folder."
)
NO_ROOM = (
    "There is not enough room for the archive: it needs %(need)d MB, and %(free)d MB "
    "are free. Choose another disk."
)
TOO_BIG_A_FILE = (
    "The disk does not take so large a file. Choose a disk with another file system."
)
NOT_READ = "“%(path)s” cannot be read. Make it readable, or remove it, then try again."
CHANGED = "“%(path)s” changed while it was read. Try again."
_CHUNK, _BLOCK = 1 << 20, 512
_MB = 1024 * 1024


def check_target(target: Path, config: Config) -> None:
    """Raise ArchiveError where no archive can be written."""
    if os.path.lexists(target):
        raise ArchiveError(EXISTS, path=target)
    if not target.parent.is_dir():
        raise ArchiveError(NO_FOLDER, path=target.parent)
    place = target.parent.resolve()
    for own in (config.folder, config.pages, config.var):
        if place.is_relative_to(own.resolve()):
            raise ArchiveError(INSIDE)


def check_room(target: Path, need: int) -> None:
    free = shutil.disk_usage(target.parent).free
    # Heads of members, the lock, and some room to breathe.
    need = need + need // 50 + _MB
    if free < need:
        raise ArchiveError(NO_ROOM, need=-(-need // _MB), free=free // _MB)


def write_archive(
    found: Collected, target: Path, lock: Lock | None, about: dict[str, Any]
) -> Manifest:
    """Write and verify an archive; return what it holds.

    ``about`` goes into the manifest. Until it is verified there is nothing under the
    name of the target. Raises ArchiveError, NotVerified, NoSpace, ReadOnly.
    """
    check_target(target, found.config)
    check_room(target, found.size)
    part = target.with_name(f".{target.name}.part")
    try:
        with suppress(FileNotFoundError):
            part.unlink()  # of an attempt that was killed
        manifest = _write(found, part, lock, about)
        if verify(part, lock) != manifest:
            raise NotVerified
        if os.path.lexists(target):
            raise ArchiveError(EXISTS, path=target)
        os.rename(part, target)
        _sync_folder(target.parent)
    except OSError as error:
        if error.errno == EFBIG:
            raise ArchiveError(TOO_BIG_A_FILE) from error
        raise in_plain_words(error) from error
    finally:
        with suppress(OSError):
            part.unlink()
    return manifest


def _write(
    found: Collected, part: Path, lock: Lock | None, about: dict[str, Any]
) -> Manifest:
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w+b") as file:
        with _body(file, lock) as body:
            manifest = _write_members(found, body, about)
        file.flush()
        os.fsync(file.fileno())
        # Verified from the disk, not from memory, as far as the system lets us.
        with suppress(OSError, AttributeError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return manifest


@contextmanager
def _body(file: BinaryIO, lock: Lock | None) -> Iterator[BinaryIO]:
    """Lend the stream for the members, locked where there is a passphrase."""
    if lock is None:
        yield file
        return
    key, locked = lock.new_key()
    file.write(_head(LOCK, len(locked)) + locked + _padding(len(locked)))
    at = file.tell()
    file.write(_head(LOCKED, 0))
    with age.locking(key, file) as stream:
        yield stream
    size = file.tell() - at - _BLOCK
    file.write(_padding(size) + bytes(2 * _BLOCK))
    # How long it became is known only now.
    file.seek(at)
    file.write(_head(LOCKED, size))
    file.seek(0, io.SEEK_END)


def _write_members(found: Collected, body: BinaryIO, about: dict[str, Any]) -> Manifest:
    files: dict[str, tuple[int, str]] = {}
    with tarfile.open(fileobj=body, mode="w|", format=tarfile.GNU_FORMAT) as tar:
        for item in found.items:
            files[item.name] = _add(tar, item)
        manifest = Manifest({"format": FORMAT, **about}, files)
        text = json.dumps({**manifest.about, "files": files}).encode()
        info = _info(MANIFEST, len(text), time.time())
        tar.addfile(info, io.BytesIO(text))
    return manifest


def _add(tar: tarfile.TarFile, item: Item) -> tuple[int, str]:
    with _open(item) as file:
        status = os.fstat(file.fileno())
        reader = _Hashing(file)
        info = _info(item.name, status.st_size, status.st_mtime)
        try:
            tar.addfile(info, reader)
        except OSError as error:
            if error.errno in (ENOSPC, EFBIG) or isinstance(error, BrokenPipeError):
                raise
            raise ArchiveError(CHANGED, path=item.name) from error
        if file.read(1):
            raise ArchiveError(CHANGED, path=item.name)
    return status.st_size, reader.hash.hexdigest()


def _open(item: Item) -> BinaryIO:
    try:
        return open(item.source, "rb", opener=_no_link)
    except OSError as error:
        raise ArchiveError(NOT_READ, path=item.name) from error


class _Hashing(io.RawIOBase):
    """A file whose SHA-256 is known once it was read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.hash = file, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.hash.update(data)
        return data


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC)


def _info(name: str, size: int, mtime: float) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(mtime)
    return info


def _head(name: str, size: int) -> bytes:
    return _info(name, size, time.time()).tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
