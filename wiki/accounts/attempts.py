"""Counts failed sign-ins by keyed hashes, never by a name or an address.

Tries at an account are counted in the private database, for all processes together,
and forgotten within a day; those from an address in memory only.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import threading
import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ..errors import TooManySignIns
from ..instance import secret_key
from ..store.private_factors import AttemptRows

PER_ACCOUNT, PER_ADDRESS, MINUTES = 5, 30, 15
_QUIET_MS, _HOUR_MS, _DAY_MS = MINUTES * 60_000, 3_600_000, 86_400_000


class Attempts:
    """At most 5 failures for an account and 30 for an address in 15 minutes.

    ``folder`` holds the key that all processes share; ``now`` is ms UTC.
    """

    def __init__(self, rows: AttemptRows, folder: Path, now: Callable[[], int]) -> None:
        self._rows, self._folder, self._now = rows, folder, now
        self._shared, self._swept = "", 0
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._address = RateLimitItemPerMinute(PER_ADDRESS, MINUTES)
        self._key, self._day = b"", -1
        self._lock = threading.Lock()

    def begin(self, who: str, address: str = "") -> int:
        """Count a try and return how many there were; raises TooManySignIns.

        Counted before it is known to fail: many tries at once are no way around.
        """
        if address:
            self._refuse_if_full(network_of(address))
        self._sweep()
        today, yesterday = self._keys(who)
        count, wait_ms = self._rows.add(
            today, yesterday, self._now(), PER_ACCOUNT, _QUIET_MS
        )
        if wait_ms:
            raise TooManySignIns(math.ceil(wait_ms / 1000))
        return count

    def failed(self, address: str) -> None:
        """Count a failure for an address; the account's is counted already."""
        if address:
            self._limiter.hit(self._address, self._hash(network_of(address)))

    def succeeded(self, who: str) -> None:
        self._rows.clear(self._keys(who)[0])

    def _refuse_if_full(self, network: str) -> None:
        hashed = self._hash(network)
        if not self._limiter.test(self._address, hashed):
            stats = self._limiter.get_window_stats(self._address, hashed)
            raise TooManySignIns(max(1, math.ceil(stats.reset_time - time.time())))

    def forget_old(self) -> None:
        """Forget the tries that are older than a day."""
        self._rows.forget(self._now() - _DAY_MS)

    def _sweep(self) -> None:
        """Forget old tries once an hour, whether or not upkeep runs."""
        now = self._now()
        if abs(now - self._swept) >= _HOUR_MS:
            self._swept = now
            self.forget_old()

    def _keys(self, who: str) -> tuple[bytes, bytes]:
        """Return the hashes that stand for somebody today and yesterday."""
        with self._lock:
            self._shared = self._shared or secret_key(self._folder)
        day = self._now() // _DAY_MS
        today, yesterday = (
            hashlib.blake2b(
                f"{one}:{who}".encode("utf-8", "replace"),
                key=hashlib.sha256(self._shared.encode()).digest(),
                person=b"sign-in attempts",
                digest_size=16,
            ).digest()
            for one in (day, day - 1)
        )
        return today, yesterday

    def _hash(self, network: str) -> str:
        """Return what stands for an address today, in this process."""
        day = int(time.time() * 1000) // _DAY_MS
        with self._lock:
            if day != self._day:
                self._key, self._day = secrets.token_bytes(32), day
            key = self._key
        return hashlib.blake2b(
            network.encode("utf-8", "replace"), key=key, digest_size=16
        ).hexdigest()


def network_of(address: str) -> str:
    """Return what one connection owns: in IPv6 that is a whole /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        return str(ip_network((found, 64), strict=False))
    return address
