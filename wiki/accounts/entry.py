"""Accounts: all that this package does, as one thing that the wiki holds."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..config import Config
from ..store.private import PrivateStore
from .identities import Identities


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Accounts(Identities):
    """All accounts of a wiki. Thread-safe; several processes may share one file.

    ``now`` gives milliseconds UTC.
    """

    def __init__(
        self, store: PrivateStore, config: Config, now: Callable[[], int] = _now_ms
    ) -> None:
        super().__init__(store, config, now)

    def mark(self) -> int:
        """Return a number that changes whenever any process changed an account."""
        return self._store.mark()

    def close(self) -> None:
        self.outbox.close()
        self._store.close()
