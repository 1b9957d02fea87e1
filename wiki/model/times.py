"""How exactly a wiki tells when a page was changed (privacy.time_in_history)."""

from __future__ import annotations

from datetime import UTC, datetime

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
STEPS = {"minute": MINUTE, "hour": HOUR, "day": DAY}

_LAST = 253402300799000  # the end of the year 9999


def moment(ms: int) -> datetime:
    """Return a time in ms UTC as a datetime, whatever the number."""
    return datetime.fromtimestamp(max(0, min(ms, _LAST)) / 1000, UTC)


def told(ms: int, step: str) -> datetime:
    """Return the time of a change, as coarse as ``step`` (minute, hour or day)."""
    return moment(ms - ms % STEPS[step])
