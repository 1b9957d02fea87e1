"""Locks between processes: one file each under var/lock, never deleted.

flock is given up by the kernel when its holder dies, so no lock is ever stale.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wiki.errors import Busy

WAIT_SECONDS = 10.0
# Short: while all who wait are asleep, nobody saves.
_FIRST_NAP, _LONGEST_NAP = 0.0003, 0.002


class FileLock:
    """Mutual exclusion of threads and processes; not reentrant."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # Threads queue here, so that only one of them polls the file.
        self._threads = threading.Lock()
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))

    @contextmanager
    def held(self, timeout: float = WAIT_SECONDS) -> Iterator[None]:
        """Hold the lock for a block; raises Busy when it stays taken."""
        until = time.monotonic() + timeout
        if not self._threads.acquire(timeout=timeout):
            raise Busy
        try:
            # Opened anew each time: a descriptor kept over a fork would be shared.
            descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
            try:
                _wait(descriptor, until)
                yield
            finally:
                os.close(descriptor)
        finally:
            self._threads.release()


def _wait(descriptor: int, until: float) -> None:
    nap = _FIRST_NAP
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Busy from None
        time.sleep(nap)
        nap = min(nap * 1.5, _LONGEST_NAP)
