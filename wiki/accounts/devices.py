"""Known devices: browsers that an account signed in from before.

A wrong password typed elsewhere does not close the door for them (R14).
"""

from __future__ import annotations

from collections.abc import Callable

from ..store.private import PrivateStore
from ..store.private_factors import FactorRows
from .credentials import DAY_MS, hashed, new_secret

DEVICE_DAYS = 180
_LONGEST_SECRET = 100


class Devices:
    """Knows a browser by a secret of its own. ``now`` is ms UTC."""

    def __init__(self, store: PrivateStore, now: Callable[[], int]) -> None:
        self._store, self._now = store, now
        self._rows = FactorRows(store.database)

    def knows(self, user_id: int, secret: str) -> bool:
        """Tell whether an account signed in from the browser with this secret."""
        if not secret or len(secret) > _LONGEST_SECRET:
            return False
        expires = self._rows.device_expires(_of(user_id, secret))
        return expires is not None and expires > self._now()

    def remember(self, user_id: int, secret: str = "") -> str:
        """Know a browser for 180 days; return its secret, a new one where needed."""
        if not self.knows(user_id, secret):
            secret = new_secret()
        now = self._now()
        with self._store.writing() as at:
            self._rows.forget_devices(at, now)
            self._rows.put_device(
                at, _of(user_id, secret), user_id, now + DEVICE_DAYS * DAY_MS
            )
        return secret


def _of(user_id: int, secret: str) -> bytes:
    """Return what is kept: one browser may be known to several accounts."""
    return hashed(f"{user_id}:{secret}")
