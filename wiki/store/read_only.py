"""Whether nothing may be written for now: a file that every process looks at.

It lies beside the databases, so it survives a restart, and costs one stat a write.
"""

from __future__ import annotations

import contextlib
import os
from errno import EDQUOT, ENOSPC
from pathlib import Path

from wiki.errors import NoSpace, ReadOnly, ReadOnlyForNow

NAME = "read-only"


class ReadOnlyFlag:
    """The flag of an instance; ``var`` is the folder of its databases."""

    def __init__(self, var: Path) -> None:
        self.path = var / NAME
        self._name = str(self.path)

    @property
    def on(self) -> bool:
        """Tell whether the wiki is read-only."""
        try:
            os.stat(self._name)
        except FileNotFoundError:
            return False
        except OSError:
            # A check that cannot run refuses.
            return True
        return True

    def check(self) -> None:
        """Raise ReadOnlyForNow while the wiki is read-only."""
        if self.on:
            raise ReadOnlyForNow

    def set(self) -> None:
        """Make the wiki read-only from this moment on; raises NoSpace, ReadOnly."""
        try:
            # Empty: it can be made where a full disk takes no other byte.
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        except OSError as error:
            full = error.errno in (ENOSPC, EDQUOT)
            raise (NoSpace if full else ReadOnly) from error
        self._sync()

    def lift(self) -> bool:
        """Let people write again; tell whether it was read-only."""
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise ReadOnly from error
        self._sync()
        return True

    def _sync(self) -> None:
        with contextlib.suppress(OSError):
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
