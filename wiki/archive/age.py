"""The lock of an archive: the age format, a passphrase, in streams of any length.

A passphrase locks a key of its own, because the library locks only what is in memory
by a passphrase; the key locks the rest piece by piece.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

from .errors import ArchiveError

try:
    import pyrage
except ImportError:  # the extra is not installed
    pyrage = None

_REFUSALS: tuple[type[Exception], ...] = (OSError, ValueError)
if pyrage is not None:
    _REFUSALS += (pyrage.DecryptError, pyrage.IdentityError)
LEAST = 12  # characters
TOO_SHORT = (
    "Choose a passphrase of at least %(least)d characters. Five or six words that "
    "do not belong together are good."
)
NOT_THERE = (
    "Locking an archive needs one more library: pip install "
    "'commonground-wiki[archive]'. Or write it unlocked, with --plain."
)
WRONG = "The passphrase does not open this archive. Check it and try again."


def check_there() -> None:
    """Raise ArchiveError where nothing can be locked or unlocked."""
    if pyrage is None:
        raise ArchiveError(NOT_THERE)


def check_passphrase(passphrase: str) -> None:
    """Raise ArchiveError for one that does not lock well enough."""
    if len(passphrase) < LEAST:
        raise ArchiveError(TOO_SHORT, least=LEAST)


class Lock:
    """A passphrase and what it opens; each try takes a second, on purpose."""

    def __init__(self, passphrase: str) -> None:
        check_there()
        self._passphrase = passphrase
        self._opened: tuple[bytes, Any] | None = None

    def new_key(self) -> tuple[Any, bytes]:
        """Return a new key, and its bytes as the passphrase locks them."""
        key = pyrage.x25519.Identity.generate()
        text = f"{key}\n".encode()
        return key, bytes(pyrage.passphrase.encrypt(text, self._passphrase))

    def open(self, locked: bytes) -> Any:
        """Return the key that the passphrase opens; raises ArchiveError."""
        if self._opened is None or self._opened[0] != locked:
            self._opened = (locked, self._open(locked))
        return self._opened[1]

    def _open(self, locked: bytes) -> Any:
        try:
            text = pyrage.passphrase.decrypt(locked, self._passphrase).decode()
            return pyrage.x25519.Identity.from_str(text.strip())
        except _REFUSALS as error:
            raise ArchiveError(WRONG) from error


@contextmanager
def locking(key: Any, target: BinaryIO) -> Iterator[BinaryIO]:
    """Lend a stream; what is written to it arrives locked in the target."""
    sink = _Keeping(target)

    def work(source: BinaryIO) -> None:
        pyrage.encrypt_io(source, sink, [key.to_public()])

    read_end, write_end = os.pipe()
    with (
        _beside(work, read_end, "rb") as failed,
        suppress(BrokenPipeError),
        open(write_end, "wb") as stream,
    ):
        yield stream
    if failed:
        raise sink.error or failed[0]


@contextmanager
def unlocking(key: Any, source: BinaryIO) -> Iterator[BinaryIO]:
    """Lend a stream to read what is locked; raises OSError where it is damaged."""

    def work(sink: BinaryIO) -> None:
        pyrage.decrypt_io(source, sink, [key])

    read_end, write_end = os.pipe()
    with _beside(work, write_end, "wb") as failed, open(read_end, "rb") as stream:
        yield stream
        while stream.read(1 << 16):
            # To the end: only there a part that was cut off is noticed.
            continue
    if failed:
        raise OSError("the locked part is damaged") from failed[0]


@contextmanager
def _beside(
    work: Callable[[BinaryIO], None], descriptor: int, mode: str
) -> Iterator[list[BaseException]]:
    """Run work on one end of a pipe in a thread; lend the list of its failures."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with open(descriptor, mode) as end:
                work(end)  # type: ignore[arg-type]
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield failed
    finally:
        thread.join()


class _Keeping(io.RawIOBase):
    """Passes on what is written, and keeps the error that the library would hide."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        try:
            return self._target.write(data)
        except OSError as error:
            self.error = error
            raise
