"""What differs between the pages folder and the database, and what merely moved."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, func, select

from . import tables as t
from .core import Core
from .files import Folder, Seen, is_ignored, is_page_file
from .rows import Sig
from .sql_rows import SqlRows

# Two files with one inode are one file moved only if they share this much text:
# file systems give the number of a removed file to the next one that is made.
_ALIKE = 0.5

p = t.page.c
_ROWS = select(
    *(p.id, p.name, p.path, p.head_rev, p.text_hash, p.file_mtime_ns, p.file_size),
    *(p.file_ino, p.pending, p.deleted_seq, p.old_path),
)
_LIVE = select(func.count()).select_from(t.page).where(p.deleted_seq.is_(None))


@dataclass(frozen=True, slots=True)
class Differs:
    """A page whose file is not as the database says."""

    id: int
    name: str
    path: str
    head_rev: int
    text_hash: bytes
    ino: int


@dataclass(slots=True)
class Difference:
    """``pages`` counts live pages, ``disk`` is what the folder holds."""

    disk: dict[str, Sig]
    # Paths whose bytes are not UTF-8: nothing can name them, not even the database.
    bad: list[str] = field(default_factory=list)
    appeared: list[str] = field(default_factory=list)
    changed: list[Differs] = field(default_factory=list)
    vanished: list[Differs] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)
    unchanged: int = 0
    pages: int = 0


def differences(
    core: Core, folder: Folder, paths: Sequence[str] | None = None
) -> Difference:
    """Compare the folder, or some paths in it, with the database by one stat each."""
    disk = dict(folder.walk()) if paths is None else _some(folder, paths)
    bad = [path for path in disk if not is_text(path)]
    for path in bad:
        del disk[path]
    found = Difference(disk, bad)
    query = _ROWS if paths is None else _ROWS.where(p.path.in_(paths))
    known: set[str] = set()
    with core.database.reading() as connection:
        for row in connection.execute(query):
            known.add(row.path)
            if row.old_path:
                known.update(json.loads(row.old_path))
            _compare(core, folder, row, found)
        found.pages = connection.execute(_LIVE).scalar_one()
    found.appeared += [path for path in disk if path not in known]
    found.appeared = sorted(
        path for path in found.appeared if core.unusable.get(path) != disk[path]
    )
    return found


def is_text(path: str) -> bool:
    """Tell whether a path can be written as UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _some(folder: Folder, paths: Sequence[str]) -> dict[str, Sig]:
    found = {}
    for path in filter(is_text, paths):
        name = path.rpartition("/")[2]
        if folder.is_skipped(path) or is_ignored(name) or not is_page_file(name):
            continue
        if (sig := folder.sig(path)) is not None:
            found[path] = sig
    return found


def _compare(core: Core, folder: Folder, row: Row[Any], found: Difference) -> None:
    sig = found.disk.get(row.path)
    if row.pending:
        found.pending.append(row.id)
    elif row.deleted_seq is not None:
        # A file put back where a page was deleted starts the page again.
        if sig is not None:
            found.appeared.append(row.path)
    elif sig is None:
        if not folder.is_skipped(row.path):
            found.vanished.append(_differs(row))
    elif sig == (row.file_mtime_ns, row.file_size, row.file_ino):
        found.unchanged += 1
    elif core.unusable.get(row.path) != sig:
        found.changed.append(_differs(row))


def _differs(row: Row[Any]) -> Differs:
    return Differs(
        row.id, row.name, row.path, row.head_rev, row.text_hash, row.file_ino
    )


def moves(core: Core, folder: Folder, found: Difference) -> dict[str, Differs]:
    """Return {new path: page}: one vanished and one appeared file that are the same."""
    if not found.vanished:
        return {}
    by_hash: dict[bytes, list[Differs]] = {}
    for gone in found.vanished:
        by_hash.setdefault(gone.text_hash, []).append(gone)
    by_ino = {page.ino: page for page in found.vanished}
    moved: dict[str, Differs] = {}
    taken: set[int] = set()
    for path in found.appeared:
        seen = folder.look(path)
        if seen is None or seen.reason:
            continue
        same = [page for page in by_hash.get(seen.hash, ()) if page.id not in taken]
        page: Differs | None = min(
            same, key=lambda it: _far(it.path, path), default=None
        )
        if page is None:
            page = _edited_on_the_way(core, by_ino.get(seen.sig.ino), seen)
        if page is not None and page.id not in taken:
            taken.add(page.id)
            moved[path] = page
    return moved


def _far(old: str, new: str) -> tuple[bool, str]:
    """Order candidates: one that kept its file name comes first."""
    return old.rpartition("/")[2] != new.rpartition("/")[2], old


def _edited_on_the_way(core: Core, page: Differs | None, seen: Seen) -> Differs | None:
    if page is None:
        return None
    with core.database.reading() as connection:
        before = set(SqlRows(connection).text(page.head_rev).split("\n"))
    after = set(seen.text.split("\n"))
    shared = len(before & after) / max(1, len(before | after))
    return page if shared >= _ALIKE else None
