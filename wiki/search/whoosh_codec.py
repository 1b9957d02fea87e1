"""How posting lists lie on disk: Whoosh's own way, but the places of a block as one.

Whoosh pickles the places of each page by itself, which takes three times the space
and most of the time of reading a list. Here they are one text per block: the lengths
first, unless there is only one. Everything else of the codec is Whoosh's.
"""

from __future__ import annotations

from array import array
from itertools import accumulate, pairwise
from typing import Any

from whoosh.codec.whoosh3 import W3Codec, W3LeafMatcher, W3PostingsWriter


class _Writer(W3PostingsWriter):  # type: ignore[misc]
    def _mini_values(self) -> str:
        values: list[bytes] = self._values
        joined = b"".join(values)
        if len(values) > 1:
            joined = array("I", map(len, values)).tobytes() + joined
        # As text: bytes become a function call in the pickles that Whoosh writes.
        return joined.decode("latin-1")


class BlockMatcher(W3LeafMatcher):  # type: ignore[misc]
    """Goes through a posting list page by page, or block by block."""

    def _read_values(self) -> None:
        if self._data is None:
            self._read_data()
        self._values = _split(self._data[2].encode("latin-1"), self._blocklength)

    def read_all(self, places: bool) -> tuple[list[int], list[float], list[bytes]]:
        """Return pages, counts and, if asked for, encoded places of the whole list."""
        pages: list[int] = []
        counts: list[float] = []
        where: list[bytes] = []
        while self.is_active():
            self._read_ids()
            self._read_weights()
            pages += self._ids
            counts += self._weights
            if places:
                self._read_values()
                where += self._values
            self._next_block()
        return pages, counts, where


def _split(data: bytes, number: int) -> list[bytes]:
    if number == 1:
        return [data]
    lengths = array("I")
    start = number * lengths.itemsize
    lengths.frombytes(data[:start])
    ends = accumulate(lengths, initial=start)
    return [data[a:b] for a, b in pairwise(ends)]


class Codec(W3Codec):  # type: ignore[misc]
    """Pickled by name into the table of an index: stays where it is."""

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> Any:
        return _Writer(
            dbfile,
            blocklimit=self._blocklimit,
            byteids=byteids,
            compression=self._compression,
            inlinelimit=self._inlinelimit,
        )

    def postings_reader(
        self,
        dbfile: Any,
        terminfo: Any,
        format_: Any,
        term: Any = None,
        scorer: Any = None,
    ) -> Any:
        offset, length = terminfo.extent()
        return BlockMatcher(dbfile, offset, length, format_, term=term, scorer=scorer)
