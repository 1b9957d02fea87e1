"""How a rebuild goes, told by the process that does it to all that search.

Two small files beside the index: one says how far a rebuild is, the other asks for
one.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from time import time

from wiki.search.pointer import replace

_PROGRESS, _WANTED = "rebuild.json", "rebuild-wanted"
# A rebuild that was silent for so long has died.
_SILENT_SECONDS = 60.0


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


def finished(var_index: Path) -> None:
    """Say that no rebuild is running or wanted any more."""
    for name in (_PROGRESS, _WANTED):
        (var_index / name).unlink(missing_ok=True)


def running(var_index: Path) -> Progress | None:
    """Return how far a rebuild is, None when there is none."""
    try:
        found = json.loads((var_index / _PROGRESS).read_bytes())
        progress = Progress(int(found["done"]), int(found["total"]), float(found["at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return progress if time() - progress.at < _SILENT_SECONDS else None


def want(var_index: Path) -> None:
    """Ask the follower, in whatever process it runs, for a rebuild."""
    var_index.mkdir(mode=0o700, parents=True, exist_ok=True)
    (var_index / _WANTED).touch()


def wanted(var_index: Path) -> bool:
    return os.path.exists(var_index / _WANTED)
