"""How often one person or program may ask: counted in memory, by keyed hash."""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from typing import Any

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from wiki.errors import TooMany

# A visitor without a token gets a fifth of the reads.
VISITOR_SHARE = 5
# What somebody who is new here may try to save, in ten minutes.
NEWCOMER_WRITES, NEWCOMER_MINUTES = 10, 10


class Limits:
    """Reads and writes a minute. Addresses are kept as keyed hashes in memory only."""

    def __init__(self, reads: int, writes: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._reads = RateLimitItemPerMinute(reads)
        self._visitor_reads = RateLimitItemPerMinute(max(1, reads // VISITOR_SHARE))
        self._writes = RateLimitItemPerMinute(writes)
        self._newcomer_writes = RateLimitItemPerMinute(
            NEWCOMER_WRITES, NEWCOMER_MINUTES
        )
        self._key = secrets.token_bytes(32)

    def write(self, who: str) -> int:
        """Count a write; return 0, or the seconds to wait."""
        return self._hit(self._writes, "write", who)

    def newcomer(self, who: str) -> int:
        """Count a save of somebody new; return 0, or the seconds to wait."""
        return self._hit(self._newcomer_writes, "newcomer", who)

    def read(self, who: str, *, visitor: bool) -> dict[str, Any]:
        """Count a read; return {limit, remaining, reset}; raises TooMany."""
        item = self._visitor_reads if visitor else self._reads
        wait = self._hit(item, "read", who)
        if wait:
            raise TooMany(wait)
        stats = self._limiter.get_window_stats(item, "read", self._hash(who))
        return {
            "limit": item.amount,
            "remaining": stats.remaining,
            "reset": max(0, math.ceil(stats.reset_time - time.time())),
        }

    def _hit(self, item: RateLimitItemPerMinute, kind: str, who: str) -> int:
        hashed = self._hash(who)
        if self._limiter.hit(item, kind, hashed):
            return 0
        stats = self._limiter.get_window_stats(item, kind, hashed)
        return max(1, math.ceil(stats.reset_time - time.time()))

    def _hash(self, who: str) -> str:
        return hashlib.blake2b(who.encode(), key=self._key, digest_size=16).hexdigest()
