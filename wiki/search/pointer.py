"""The small file that says which index folder is current, replaced in one step."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from wiki.errors import IndexUnusable

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Pointer:
    """``commit`` grows with every commit, also across folders."""

    folder: str
    commit: int
    fingerprint: str


def stamp(path: Path) -> Stamp | None:
    """Return what changes whenever the file is replaced; one call of stat."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def read(path: Path) -> Pointer:
    """Return the pointer; IndexUnusable when the file is not one."""
    try:
        found = json.loads(path.read_bytes())
        pointer = Pointer(found["folder"], found["commit"], found["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexUnusable("The search index has no readable table.") from error
    if not isinstance(pointer.folder, str) or not pointer.folder.isalnum():
        raise IndexUnusable("The search index has no readable table.")
    return pointer


def write(path: Path, pointer: Pointer) -> None:
    """Replace the pointer in one step."""
    replace(path, json.dumps(asdict(pointer)))


def create(path: Path, pointer: Pointer) -> bool:
    """Write the pointer unless there is one; tell whether this one counts."""
    new = _written(path, json.dumps(asdict(pointer)))
    try:
        os.link(new, path)
    except FileExistsError:
        return False
    finally:
        new.unlink()
    return True


def replace(path: Path, text: str) -> None:
    """Write a file so that readers see the old text or the new one."""
    os.replace(_written(path, text), path)


def _written(path: Path, text: str) -> Path:
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    new.write_text(text, encoding="utf-8")
    return new
