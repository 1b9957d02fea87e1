"""Passwords: which are good enough, and how they are kept (argon2id)."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..errors import Busy, NotValid, ReadOnly
from ..model.page import ERROR, Problem

LEAST, MOST = 8, 256
# OWASP's parameters for argon2id: 19 MiB, two passes, one lane.
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
# Each holds 19 MiB while it runs.
_AT_ONCE = 4
_WAIT_SECONDS, _LOOK_SECONDS = 5.0, 0.01
_FULL = "Many people are signing in just now. Try again in a few seconds."


class Passwords:
    """Hashes and checks passwords, few at a time on the whole machine.

    Files in ``folder`` stand for the places that its processes share.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hasher = PasswordHasher(_PASSES, _MEMORY_KIB, _LANES)
        self._free = threading.BoundedSemaphore(_AT_ONCE)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold one of the few places for hashing; raises Busy when none gets free."""
        until = time.monotonic() + _WAIT_SECONDS
        if not self._free.acquire(timeout=_WAIT_SECONDS):
            raise Busy(_FULL)
        try:
            place = self._take_place(until)
            try:
                yield
            finally:
                os.close(place)
        finally:
            self._free.release()

    def _take_place(self, until: float) -> int:
        """Return the locked file of a place; closing it makes the place free."""
        while True:
            for n in range(_AT_ONCE):
                place = _lock(self._folder / f"password-{n}.lock")
                if place is not None:
                    return place
            if time.monotonic() >= until:
                raise Busy(_FULL)
            time.sleep(_LOOK_SECONDS)

    def hash(self, password: str) -> str:
        """Return what is kept of a password; call it within a turn."""
        return self._hasher.hash(_same_spelling(password))

    def fits(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one kept; takes as long where none is kept.

        Call it within a turn.
        """
        typed = _same_spelling(password[: MOST + 1])
        try:
            return self._hasher.verify(kept or _NOBODYS, typed)
        except (VerificationError, InvalidHashError):
            return False

    def is_old(self, kept: str) -> bool:
        """Tell whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


def _nobodys() -> str:
    """Return a hash like any other that no password has."""
    salt, made = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (16, 32)
    )
    costs = f"m={_MEMORY_KIB},t={_PASSES},p={_LANES}"
    return f"$argon2id$v=19${costs}${salt}${made}"


_NOBODYS = _nobodys()


def _lock(path: Path) -> int | None:
    """Return a locked file, None where another process or thread holds it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ReadOnly(
            "Nobody can sign in just now: the wiki cannot write to its disk. Tell "
            "whoever runs it."
        ) from error
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(place)
        return None
    return place


def check_new(password: str, *names: str) -> None:
    """Raise NotValid when a new password is too easy to guess.

    ``names`` are what it may not be: the account's name, the wiki's title.
    """
    sentence = _problem(password, names)
    if sentence:
        raise NotValid((Problem(ERROR, "password", sentence),), sentence)


def _problem(password: str, names: tuple[str, ...]) -> str:
    if len(password) < LEAST:
        return "This password is too short. Use at least 8 characters, better 15."
    if len(password) > MOST:
        return "This password is too long. Use at most 256 characters."
    if any(unicodedata.category(c) == "Cs" for c in password):
        return "This password holds a broken character. Type it again."
    plain = _plain(password)
    if plain in _common():
        return "Many people use this password. Choose one that nobody would guess."
    if any(plain == _plain(name) for name in names if name):
        return "A name is easy to guess. Choose a password that is no name."
    return ""


@cache
def _common() -> frozenset[str]:
    text = (files("wiki.store") / "common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def _plain(text: str) -> str:
    return "".join(_same_spelling(text).casefold().split())


def _same_spelling(text: str) -> str:
    """Return a text as every keyboard gives it: é is one character or two."""
    return unicodedata.normalize("NFKC", text)
