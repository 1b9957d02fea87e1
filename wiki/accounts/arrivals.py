"""Counts how many accounts a network opens, in memory only, by keyed hashes."""

from __future__ import annotations

import hashlib
import math
import secrets
import threading
import time

from limits import RateLimitItem, RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ..errors import TooMany
from .attempts import network_of

ACCOUNTS, TRIES, RESETS = 5, 30, 10


class TooManyArrivals(TooMany):
    sentence = (
        "Too many people joined from your network in a short time. Try again in "
        "%(minutes)d minutes, or ask somebody who has an account for an invitation."
    )

    def __init__(self, seconds: int = 3600) -> None:
        super().__init__(seconds)
        self.params["minutes"] = math.ceil(seconds / 60)


class Arrivals:
    """At most 5 new accounts, 30 tries and 10 asked-for links an hour and network."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        # Made at start and never kept: nobody finds out who was counted (P1).
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()

    def try_to_join(self, address: str) -> None:
        """Count a try, whatever becomes of it; raises TooManyArrivals."""
        self._test(RateLimitItemPerHour(ACCOUNTS), "account", address)
        self._hit(RateLimitItemPerHour(TRIES), "try", address)

    def joined(self, address: str) -> None:
        """Count an account that is about to be there; raises TooManyArrivals."""
        self._hit(RateLimitItemPerHour(ACCOUNTS), "account", address)

    def ask_for_link(self, address: str) -> None:
        """Count a link that was asked for; raises TooMany."""
        try:
            self._hit(RateLimitItemPerHour(RESETS), "reset", address)
        except TooManyArrivals as error:
            raise TooMany(error.seconds) from None

    def _test(self, item: RateLimitItem, kind: str, address: str) -> None:
        hashed = self._hash(address)
        if address and not self._limiter.test(item, kind, hashed):
            raise TooManyArrivals(self._wait(item, kind, hashed))

    def _hit(self, item: RateLimitItem, kind: str, address: str) -> None:
        hashed = self._hash(address)
        # Tries at once are counted one after the other.
        with self._lock:
            counted = not address or self._limiter.hit(item, kind, hashed)
        if not counted:
            raise TooManyArrivals(self._wait(item, kind, hashed))

    def _wait(self, item: RateLimitItem, kind: str, hashed: str) -> int:
        stats = self._limiter.get_window_stats(item, kind, hashed)
        return max(1, math.ceil(stats.reset_time - time.time()))

    def _hash(self, address: str) -> str:
        return hashlib.blake2b(
            network_of(address).encode("utf-8", "replace"),
            key=self._key,
            digest_size=16,
        ).hexdigest()
