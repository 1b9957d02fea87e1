"""Texts made ready before any lock: checked, hashed, described, compressed."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass

from wiki.errors import CorruptData, Expunged, NotText, TooLarge
from wiki.model.page import Facts

from .base import MAX_PAGE_BYTES, Describe
from .derived import sound_facts
from .rows import NO_FILE, Sig

CODEC = "zlib"


@dataclass(frozen=True, slots=True)
class Found:
    """A file whose state is taken over as it is: nothing has to be written."""

    path: str
    sig: Sig


@dataclass(frozen=True, slots=True)
class Ready:
    """A text under a name, with all that is derived from both."""

    name: str
    text: str
    raw: bytes
    hash: bytes
    body: bytes
    facts: Facts
    found: Found | None = None

    @property
    def size(self) -> int:
        return len(self.raw)


# Goes with the deletion of a page whose file is already gone.
VANISHED = Ready("", "", b"", b"", b"", Facts(""), Found("", NO_FILE))


def encoded(text: str) -> bytes:
    """Return the bytes that are kept of a text; raises NotText, TooLarge.

    CRLF becomes LF; nothing else is changed.
    """
    try:
        raw = text.replace("\r\n", "\n").encode()
    except UnicodeEncodeError:
        raise NotText from None
    if b"\0" in raw:
        raise NotText
    if len(raw) > MAX_PAGE_BYTES:
        # Rounded up: "256 of 256 kB" would read like a mistake of ours.
        size, limit = -(-len(raw) // 1024), MAX_PAGE_BYTES // 1024
        raise TooLarge(size=size, limit=limit)
    return raw


def hashed(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


def make_ready(
    name: str, text: str, describe: Describe, found: Found | None = None
) -> Ready:
    """Return a text with all that is derived from it; raises NotText, TooLarge."""
    raw = encoded(text)
    text = raw.decode()
    return Ready(
        name,
        text,
        raw,
        hashed(raw),
        zlib.compress(raw),
        sound_facts(describe(name, text)),
        found,
    )


def unpacked(codec: str, body: bytes | None) -> str:
    """Return the text of a stored body; raises Expunged, CorruptData."""
    if body is None:
        raise Expunged
    try:
        if codec != CODEC:
            raise ValueError(codec)
        return zlib.decompress(body).decode()
    except (ValueError, zlib.error) as error:
        raise CorruptData from error
