"""Copies of databases, whole and of one moment, while others read and write them."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from wiki.errors import CorruptData

from .engine import in_plain_words_of

_HEADER = b"SQLite format 3\0"


def is_database(path: Path) -> bool:
    """Tell whether a file is a database of SQLite; raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def copy_database(source: Path, target: Path) -> None:
    """Copy a database into a new file that only its owner can read.

    Raises CorruptData for a damaged one, Busy, NoSpace, ReadOnly, OSError.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with (
            closing(sqlite3.connect(source, timeout=10)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy)
            if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise CorruptData
    except sqlite3.Error as error:
        raise in_plain_words_of(error) from error
