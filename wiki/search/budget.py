"""The limit of CPU time for one query, asked by whatever works for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import thread_time

SECONDS = 0.5


class TooBroad(Exception):
    """The query took longer than it may."""


class _Deadline(threading.local):
    at: float | None = None


_deadline = _Deadline()


@contextmanager
def limited(seconds: float = SECONDS) -> Iterator[None]:
    """Give the work inside so much CPU time of this thread; ``check`` then raises."""
    before = _deadline.at
    _deadline.at = thread_time() + seconds
    try:
        yield
    finally:
        _deadline.at = before


def check() -> None:
    """Raise TooBroad when the time is up. Costs less than a microsecond."""
    if _deadline.at is not None and thread_time() > _deadline.at:
        raise TooBroad
