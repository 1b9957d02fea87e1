"""What goes on behind the requests: outside edits taken in, files made durable.

One process of an instance does it, elected by a file lock; when it dies another one
takes over within five seconds.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .errors import ReadOnlyForNow
from .store.base import Store

log = logging.getLogger("wiki.upkeep")

TICK = 2.0  # seconds between looks
# Share of one processor that looking for changed files may take.
SHARE = 0.01
HOUR = 3600.0  # seconds between times of forgetting what is too old
SCAN_AT_LEAST, SCAN_AT_MOST = 10.0, 300.0  # seconds


class Upkeep:
    """Settles saves and scans the pages folder until told to stop.

    ``forget`` removes what is too old, from accounts; it is called once an hour.
    """

    def __init__(
        self,
        store: Store,
        pages: Path,
        lock: Path,
        *,
        watch: bool,
        forget: Callable[[], object],
    ) -> None:
        self._store, self._pages, self._lock = store, pages, lock
        self._watch, self._forget, self._next_forget = watch, forget, 0.0
        self._folders: dict[str, int] = {}
        self._next_scan = 0.0

    def run(self, stop: threading.Event) -> None:
        """Wait to be elected, then work; a fault is logged and tried again."""
        while not stop.is_set():
            with elected(self._lock) as mine:
                while mine and not stop.is_set():
                    self._tick()
                    stop.wait(TICK)
            stop.wait(TICK)

    def _tick(self) -> None:
        try:
            self._store.settle()
            if self._watch:
                self._look()
            if time.monotonic() >= self._next_forget:
                self._next_forget = time.monotonic() + HOUR
                self._forget()
        except ReadOnlyForNow:
            # Outside edits wait in their files until people may write again.
            return
        except Exception:
            log.exception("upkeep failed; it is tried again")

    def _look(self) -> None:
        """Scan where a folder changed, or when the time for a full look has come."""
        folders = _stamps(self._pages)
        if folders == self._folders and time.monotonic() < self._next_scan:
            return
        started = time.monotonic()
        report = self._store.scan()
        took = time.monotonic() - started
        pause = min(max(took / SHARE, SCAN_AT_LEAST), SCAN_AT_MOST)
        self._next_scan = time.monotonic() + pause
        self._folders = _stamps(self._pages)
        if report.added or report.changed or report.renamed or report.deleted:
            log.info(
                "taken in from the pages folder: %d new, %d changed, %d renamed, "
                "%d deleted",
                report.added,
                report.changed,
                report.renamed,
                report.deleted,
            )
        if report.stopped:
            log.warning("%s", report.stopped)


def _stamps(pages: Path) -> dict[str, int]:
    """Return {folder: mtime_ns}: a file that comes, goes or is replaced shows here."""
    found = {}
    for folder, children, _files in os.walk(pages):
        children[:] = [
            name
            for name in children
            if not name.startswith(".") and name not in ("node_modules", "var")
        ]
        with contextlib.suppress(OSError):
            found[folder] = os.stat(folder).st_mtime_ns
    return found


@contextlib.contextmanager
def elected(path: Path) -> Iterator[bool]:
    """Hold the lock of this duty, if nobody else does."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
