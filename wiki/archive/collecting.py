"""What belongs into an archive: the settings, the pages folder, the databases."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wiki.config import Config
from wiki.model.files import may_be_beside
from wiki.store.copying import copy_database, is_database
from wiki.store.files import Folder, in_plain_words, is_page_file
from wiki.store.read_only import NAME as READ_ONLY

MARKER = "removing.json"
SCRATCH = "archive-"
SETTINGS = "wiki.toml"
# Made anew from the rest, or of this machine only.
_DERIVED = ("index", "cache", "lock", READ_ONLY, MARKER)
_LOGS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the wiki: its name in the archive, where it is read and where it is.

    ``state`` is (mtime_ns, size, inode) of the original when it was looked at.
    """

    name: str
    source: Path
    original: Path
    state: tuple[int, int, int]


@dataclass(slots=True)
class Collected:
    """All of a wiki; ``links`` were left out. ``scratch`` holds copies of databases."""

    config: Config
    items: list[Item] = field(default_factory=list)
    links: int = 0
    scratch: Path | None = None

    @property
    def size(self) -> int:
        return sum(item.source.stat().st_size for item in self.items)

    def changed(self) -> list[Item]:
        """Return files that are not as they were; nobody can write to databases."""
        return [
            item
            for item in self.items
            if item.source == item.original and _state(item.original) != item.state
        ]

    def clean_up(self) -> None:
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)


def collect(config: Config) -> Collected:
    """Find all files of a wiki and copy its databases; raises NoSpace, ReadOnly."""
    found = Collected(config)
    try:
        # Copies that a killed process left hold everything there was.
        for old in filter(Path.is_dir, config.var.glob(f"{SCRATCH}*")):
            shutil.rmtree(old)
        _settings(found)
        for path in _pages(found):
            _add(found, f"pages/{_relative(path, config.pages)}", path)
        _var(found)
    except BaseException as error:
        found.clean_up()
        if isinstance(error, OSError):
            raise in_plain_words(error) from error
        raise
    return found


def _settings(found: Collected) -> None:
    path = found.config.folder / SETTINGS
    if path.is_file():
        _add(found, SETTINGS, path)


def _pages(found: Collected) -> Iterator[Path]:
    """Yield the regular files of the pages folder, links left out."""
    root = found.config.pages
    folder = Folder(root, found.config.var)
    own = not folder.is_instance
    for place, folders, files in os.walk(root):
        here = "" if Path(place) == root else _relative(Path(place), root)
        folders[:] = [name for name in folders if _enters(folder, here, name, own)]
        found.links += sum(os.path.islink(os.path.join(place, it)) for it in folders)
        for name in sorted(files):
            path = Path(place) / name
            if path.is_symlink() or not stat.S_ISREG(path.lstat().st_mode):
                found.links += 1
            elif own or is_page_file(name) or may_be_beside(name):
                yield path


def _enters(folder: Folder, here: str, name: str, own: bool) -> bool:
    """Tell whether a folder holds files of the wiki."""
    path = f"{here}/{name}" if here else name
    full = os.path.realpath(folder.full(path))
    if not folder.holds(full):
        return False
    # A folder of pages is the wiki's as a whole; of an instance only some is.
    return own or not folder.is_skipped(path)


def _var(found: Collected) -> None:
    var = found.config.var
    if not var.is_dir():
        return
    found.scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=var))
    for place, folders, files in os.walk(var):
        if Path(place) == var:
            folders[:] = [
                name
                for name in folders
                if name not in _DERIVED and not name.startswith(SCRATCH)
            ]
            files = [name for name in files if name not in _DERIVED]
        for name in sorted(files):
            if not name.endswith((".tmp", *_LOGS)):
                _add_private(found, Path(place) / name)


def _add_private(found: Collected, path: Path) -> None:
    if path.is_symlink() or not path.is_file():
        found.links += 1
        return
    name = f"var/{_relative(path, found.config.var)}"
    if not is_database(path):
        _add(found, name, path)
        return
    assert found.scratch is not None
    copy = found.scratch / f"{len(found.items)}.db"
    copy_database(path, copy)
    found.items.append(Item(name, copy, path, _state(path)))


def _add(found: Collected, name: str, path: Path) -> None:
    found.items.append(Item(name, path, path, _state(path)))


def _state(path: Path) -> tuple[int, int, int]:
    try:
        now = path.lstat()
    except OSError:
        return (0, -1, 0)
    return (now.st_mtime_ns, now.st_size, now.st_ino)


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
