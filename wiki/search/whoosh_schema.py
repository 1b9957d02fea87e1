"""How pages are laid out in a Whoosh index.

Words come from the core's analysis with counts and places, so Whoosh's analyzers,
stored fields, vectors and length bytes are not used. What a page is filtered, counted
and sorted by sits in one column as JSON and is read once per segment; the visible
text, for snippets, sits compressed in another and is read for the pages shown.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from whoosh.columns import VarBytesColumn
from whoosh.fields import COLUMN, FieldType, Schema
from whoosh.formats import Format

from wiki.search.fields import Indexed, Values, Words

LAYOUT = "1"


class Places(Format):  # type: ignore[misc]
    """Where a word stands in a page, as 16 or 32 bit numbers."""


class WordField(FieldType):  # type: ignore[misc]
    """Takes ``Words`` as they are."""

    def __init__(self) -> None:
        super().__init__(format=Places(), analyzer=None)

    def index(
        self, value: Words, **kwargs: Any
    ) -> Iterator[tuple[bytes, int, float, bytes]]:
        counts = value.counts
        for word, places in value.places.items():
            count = counts[word]
            yield word.encode("utf-8"), count, float(count), encode(places)


def encode(places: Sequence[int]) -> bytes:
    """Return places as bytes; an odd length says that they are wide."""
    if places[-1] < 0x10000:
        return array("H", places).tobytes()
    return b"w" + array("I", places).tobytes()


def decode(data: bytes) -> array[int]:
    """Return the places of a word."""
    if len(data) % 2:
        wide = array("I")
        wide.frombytes(data[1:])
        return wide
    found = array("H")
    found.frombytes(data)
    return found


SCHEMA = Schema(
    all=WordField(),
    title=WordField(),
    page=COLUMN(VarBytesColumn()),
    body=COLUMN(VarBytesColumn()),
)


def page_row(page: Indexed) -> bytes:
    """Return the column value of a page."""
    values = page.values
    row = [
        page.id,
        page.seq,
        values.updated,
        page.all.length,
        page.title.length,
        page.heading,
        page.document.name,
        page.document.title,
        page.document.aliases,
        values.tags,
        values.kind,
        values.lang,
        values.ns,
        values.author,
        values.audience,
    ]
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")


def pack(text: str) -> bytes:
    """Return a text as it is kept for snippets."""
    return zlib.compress(text.encode("utf-8", "replace"))


def unpack(data: bytes) -> str:
    return zlib.decompress(data).decode("utf-8") if data else ""


def mark_row(seq: int, fingerprint: str, gone: dict[int, int]) -> bytes:
    """Return the column value of the one entry that is no page: how far we are."""
    row = [0, seq, 0, 0, 0, fingerprint, list(gone.items())]
    return json.dumps(row, ensure_ascii=False).encode()


def row_values(row: list[Any]) -> Values:
    """Return the filter values of a page from its column value."""
    updated, (tags, kind, lang, ns, author, audience) = row[2], row[9:]
    return Values(tuple(tags), kind, lang, tuple(ns), author, updated, audience)
