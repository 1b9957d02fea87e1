"""How a rebuild goes, told by the process that does it to all that search.

Two small files beside the index: one says how far a rebuild is, the other asks for
one.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from time import time

from wiki.search.pointer import replace

_PROGRESS, _WANTED = "rebuild.json", "rebuild-wanted"
# A rebuild that was silent for so long has died.
_SILENT_SECONDS = 60.0
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int
    at: float = 0.0

    @property
    def percent(self) -> int:
        return min(99, 100 * self.done // max(self.total, 1))


def tell(var_index: Path, done: int, total: int) -> None:
    """Write how far a rebuild is."""
    progress = Progress(done, max(total, done), time())
    replace(var_index / _PROGRESS, json.dumps(asdict(progress)))


def finished(var_index: Path, seq: int) -> None:
    """Say that no rebuild is running, nor wanted if the index holds all up to seq."""
    (var_index / _PROGRESS).unlink(missing_ok=True)
    if _wanted_seq(var_index) <= seq:
        (var_index / _WANTED).unlink(missing_ok=True)


def running(var_index: Path) -> Progress | None:
    """Return how far a rebuild is, None when there is none."""
    try:
        found = json.loads((var_index / _PROGRESS).read_bytes())
        progress = Progress(int(found["done"]), int(found["total"]), float(found["at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return progress if time() - progress.at < _SILENT_SECONDS else None


def want(var_index: Path, seq: int = 0) -> None:
    """Ask the follower, in whatever process it runs, for a rebuild.

    One that began before ``seq`` does not count.
    """
    var_index.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace(var_index / _WANTED, str(max(seq, _wanted_seq(var_index))))


def _wanted_seq(var_index: Path) -> int:
    try:
        return int((var_index / _WANTED).read_bytes() or b"0")
    except (OSError, ValueError):
        return 0


def start_over(var_index: Path, seq: int) -> None:
    """Remove the whole index at once; one of all up to ``seq`` is to be built."""
    # What is begun from here on is new: it is left alone.
    old = list(var_index.glob("*/*"))
    want(var_index, seq)
    for path in old:
        for _ in range(_TRIES):
            # A follower at work may put a file in while the folder is emptied.
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
            if not path.exists():
                break


def wanted(var_index: Path) -> bool:
    return os.path.exists(var_index / _WANTED)
