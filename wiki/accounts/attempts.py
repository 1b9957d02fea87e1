"""Counts failed sign-ins, in memory only; names and addresses are keyed hashes."""

from __future__ import annotations

import hashlib
import math
import secrets
import threading
import time
from ipaddress import ip_address, ip_network

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ..errors import TooManySignIns

_PER_ACCOUNT, _PER_ADDRESS, _MINUTES = 5, 30, 15
_DAY_SECONDS = 86400


class Attempts:
    """At most 5 failures for an account and 30 for an address in 15 minutes."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._account = RateLimitItemPerMinute(_PER_ACCOUNT, _MINUTES)
        self._address = RateLimitItemPerMinute(_PER_ADDRESS, _MINUTES)
        self._key, self._day = b"", -1
        # Tries at once must be counted one after the other, under one key.
        self._lock = threading.Lock()

    def begin(self, account: str, address: str = "") -> None:
        """Count a try; raises TooManySignIns when there were too many before.

        Counted before it is known to fail: many tries at once are no way around.
        """
        if address:
            self._refuse_if_full(self._address, "address", _network(address))
        hashed = self._hash(account)
        with self._lock:
            counted = self._limiter.hit(self._account, "account", hashed)
        if not counted:
            raise TooManySignIns(self._wait(self._account, "account", hashed))

    def failed(self, address: str) -> None:
        """Count a failure for an address; the account's is counted already."""
        if address:
            self._limiter.hit(self._address, "address", self._hash(_network(address)))

    def succeeded(self, account: str) -> None:
        self._limiter.clear(self._account, "account", self._hash(account))

    def _refuse_if_full(self, item: RateLimitItem, kind: str, who: str) -> None:
        hashed = self._hash(who)
        if not self._limiter.test(item, kind, hashed):
            raise TooManySignIns(self._wait(item, kind, hashed))

    def _wait(self, item: RateLimitItem, kind: str, hashed: str) -> int:
        stats = self._limiter.get_window_stats(item, kind, hashed)
        return max(1, math.ceil(stats.reset_time - time.time()))

    def _hash(self, who: str) -> str:
        """Return the keyed hash that stands for somebody today."""
        day = int(time.time()) // _DAY_SECONDS
        with self._lock:
            if day != self._day:
                self._key, self._day = secrets.token_bytes(32), day
            key = self._key
        return hashlib.blake2b(
            who.encode("utf-8", "replace"), key=key, digest_size=16
        ).hexdigest()


def _network(address: str) -> str:
    """Return what one connection owns: in IPv6 that is a whole /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        return str(ip_network((found, 64), strict=False))
    return address
