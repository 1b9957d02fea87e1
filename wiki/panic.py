"""Panic mode: nothing can be written and nobody is signed in, in every process.

Begun from the terminal or by an administrator in the browser; ended from the
terminal only, because whoever took a device over must not be able to.
"""

from __future__ import annotations

from contextlib import suppress

from .audit import Audit
from .errors import Busy
from .model.actor import Actor
from .store.private import PrivateStore
from .store.private_ending import end_all

_TRIES = 3


class Panic:
    """The read-only switch of one wiki."""

    def __init__(self, private: PrivateStore, audit: Audit) -> None:
        self._private, self._audit = private, audit
        self._flag = private.database.read_only

    @property
    def on(self) -> bool:
        return self._flag.on

    def begin(self, by: Actor) -> int:
        """Make the wiki read-only, end all sessions; return how many there were.

        Read-only comes first and stays whatever happens to the rest. Raises NoSpace,
        ReadOnly, Busy, CorruptData.
        """
        self._flag.set()
        for _ in range(_TRIES - 1):
            with suppress(Busy):
                return self._end_all(by)
        return self._end_all(by)

    def _end_all(self, by: Actor) -> int:
        with self._private.database.writing(always=True) as at:
            ended = end_all(at)
            self._audit.note(by, "panic.read_only", at=at)
        return ended

    def end(self, by: Actor) -> bool:
        """Let people sign in and write again; tell whether the wiki was read-only."""
        if not self._flag.lift():
            return False
        self._audit.note(by, "panic.over")
        return True
