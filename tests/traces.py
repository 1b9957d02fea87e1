"""Finds every trace of a word in a folder: raw, in other codings, packed, as a term."""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from whoosh.index import FileIndex

from wiki.search import pointer
from wiki.search.whoosh_files import files_of
from wiki.search.whoosh_schema import SCHEMA

_PACKED = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_LONGEST = 2_000_000


def traces(folder: Path, word: str) -> list[str]:
    """Return where a word, in whatever capital letters, is below a folder."""
    found: list[str] = []
    for path in sorted(folder.rglob("*")):
        place = str(path.relative_to(folder))
        if word.lower() in place.lower():
            found.append(f"the name of {place}")
        if path.is_file():
            raw = path.read_bytes()
            found += [f"{place}: {how}" for how in _in(raw, word)]
            if raw.startswith(b"SQLite format 3\0"):
                found += [f"{place}: {how}" for how in _in_rows(path, word)]
    found += _in_index(folder / "var/index", word)
    return found


def _in(raw: bytes, word: str) -> Iterator[str]:
    lower = raw.lower()
    for code in ("utf-8", "utf-16-le", "utf-16-be"):
        if word.lower().encode(code) in lower:
            yield code
    for start in _PACKED.finditer(raw):
        unpacked = _unpacked(raw[start.start() : start.start() + _LONGEST])
        if word.lower().encode() in unpacked.lower():
            yield f"packed, at {start.start()}"
            return


def _unpacked(raw: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(raw, _LONGEST)
    except zlib.error:
        return b""


def _in_rows(path: Path, word: str) -> Iterator[str]:
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
        for (table,) in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    text = _unpacked(value) if isinstance(value, bytes) else b""
                    text += str(value).encode("utf-8", "replace")
                    if word.lower().encode() in text.lower():
                        yield f"a row of {table}"


def _in_index(home: Path, word: str) -> Iterator[str]:
    table = home / "whoosh/current"
    if not table.exists():
        return
    folder = table.parent / pointer.read(table).folder
    with (
        files_of(folder) as storage,
        closing(FileIndex(storage, SCHEMA)) as index,
        closing(index.reader()) as reader,
    ):
        for field, term in reader.all_terms():
            if word.lower() in bytes(term).decode("utf-8", "replace").lower():
                yield f"a term of {field} in the index"
