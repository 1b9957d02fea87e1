"""Keeps the index up to date: one process at a time follows the change feed.

Elected by a file lock that the system releases when its process dies. A save never
waits for the follower and never fails with it; what it missed, it catches up.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from wiki.errors import IndexUnusable
from wiki.search import rebuilding
from wiki.search.applying import apply_next
from wiki.search.base import Document, Engine, Source
from wiki.search.fields import FINGERPRINT

_log = logging.getLogger(__name__)

# A commit waits for so many pages, or so many seconds; what was missed meanwhile
# comes in larger ones.
BATCH_PAGES = 64
BATCH_SECONDS = 1.0
LARGE_BATCH = 500
_POLL_SECONDS = 0.2
_ELECTION_SECONDS = 1.0
_MAX_WAIT = 60.0
_IDS = 500
_READ = 100
_TELL_SECONDS = 0.5


class Follower:
    """Run it in a thread of every process; one of them works at a time."""

    def __init__(
        self,
        engine_factory: Callable[[], Engine],
        source: Source,
        lock_path: Path,
        var_index: Path,
        *,
        fingerprint: str = FINGERPRINT,
    ) -> None:
        self._make = engine_factory
        self._source = source
        self._lock_path = lock_path
        self._var_index = var_index
        self._fingerprint = fingerprint

    def run(self, stop: threading.Event) -> None:
        """Follow until ``stop`` is set; returns soon after."""
        while not stop.is_set():
            with self._elected() as mine:
                if mine:
                    self._lead(stop)
            stop.wait(_ELECTION_SECONDS)

    @contextmanager
    def _elected(self) -> Iterator[bool]:
        """Try to be the one that follows; the lock ends with the process."""
        try:
            self._lock_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(
                self._lock_path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
            )
        except OSError as error:
            _log.error("The search lock cannot be opened: %s", error)
            yield False
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            yield False
            return
        try:
            yield True
        finally:
            os.close(handle)

    def _lead(self, stop: threading.Event) -> None:
        """Follow with an open engine; after a fault, again with more patience."""
        patience = _POLL_SECONDS
        while not stop.is_set():
            engine = self._make()
            try:
                self._open(engine)
                while not stop.is_set():
                    self._step(engine, stop)
                    patience = _POLL_SECONDS
            except IndexUnusable as error:
                _log.warning("%s It is built anew.", error)
                self._want_rebuild()
            except Exception as error:
                _log.exception("The search index could not be updated: %s", error)
            finally:
                _close(engine)
            stop.wait(patience)
            patience = min(2 * patience, _MAX_WAIT)

    def _want_rebuild(self) -> None:
        try:
            rebuilding.want(self._var_index)
        except OSError as error:
            _log.error("The search folder cannot be written: %s", error)

    def _open(self, engine: Engine) -> None:
        if not rebuilding.wanted(self._var_index):
            engine.open(self._var_index, self._fingerprint)
            applied = engine.applied_seq()
            if applied or not self._source.last_seq():
                rebuilding.finished(self._var_index, applied)
                return
        self.rebuild(engine)

    # -- one step

    def _step(self, engine: Engine, stop: threading.Event) -> None:
        if rebuilding.wanted(self._var_index):
            self.rebuild(engine)
        applied = engine.applied_seq()
        behind = self._source.last_seq() - applied
        if behind <= 0:
            if not engine.upkeep():
                stop.wait(_POLL_SECONDS)
            return
        if behind < BATCH_PAGES:
            self._gather(applied, stop)
        apply_next(engine, self._source, min(max(behind, BATCH_PAGES), LARGE_BATCH))

    def _gather(self, applied: int, stop: threading.Event) -> None:
        """Wait a moment for more changes, so that one commit takes them all."""
        until = time.monotonic() + BATCH_SECONDS
        while time.monotonic() < until and not stop.is_set():
            if self._source.last_seq() - applied >= BATCH_PAGES:
                return
            stop.wait(_POLL_SECONDS)

    # -- all anew

    def rebuild(self, engine: Engine) -> None:
        """Build the index anew beside the old one, then swap."""
        seq = self._source.last_seq()
        total = self._count()
        self._var_index.mkdir(mode=0o700, parents=True, exist_ok=True)
        rebuilding.tell(self._var_index, 0, total)
        told = time.monotonic()

        def progress(done: int) -> None:
            nonlocal told
            if time.monotonic() - told >= _TELL_SECONDS:
                told = time.monotonic()
                rebuilding.tell(self._var_index, done, total)

        engine.rebuild(
            self._var_index, self._fingerprint, self._documents(), seq, progress
        )
        rebuilding.finished(self._var_index, seq)

    def _count(self) -> int:
        return sum(1 for _ in self._ids())

    def _ids(self) -> Iterator[int]:
        after = 0
        while ids := self._source.ids(after, _IDS):
            yield from ids
            after = ids[-1]

    def _documents(self) -> Iterator[Document]:
        batch: list[int] = []
        for id in self._ids():
            batch.append(id)
            if len(batch) == _READ:
                yield from self._source.documents(batch).values()
                batch = []
        if batch:
            yield from self._source.documents(batch).values()


def _close(engine: Engine) -> None:
    try:
        engine.close()
    except Exception as error:
        _log.error("The search index could not be closed: %s", error)
