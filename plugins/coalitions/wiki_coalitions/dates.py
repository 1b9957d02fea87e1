"""Partial dates: ``2017``, ``2017-01``, ``2017-01-20``, ``~`` for approximate.

``..`` alone is an open end. A partial date is a stretch of days: it has a first and
a last one.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any

_SHAPE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(~?)\Z")
OPEN = ".."


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A date as far as it is known; ``text`` is how it was written."""

    first: date
    last: date
    text: str = ""
    approximate: bool = False

    @property
    def is_day(self) -> bool:
        return self.first == self.last


def parse(value: Any) -> PartialDate | None:
    """Return a partial date, or None for what is none; ``..`` has no date either."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip()
    found = _SHAPE.match(text)
    if not found or not text.isascii():
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups()[:3])
    try:
        if day:
            first = last = date(year, month, day)
        elif month:
            first = date(year, month, 1)
            last = date(year, month, monthrange(year, month)[1])
        else:
            first, last = date(year, 1, 1), date(year, 12, 31)
    except ValueError:
        return None
    return PartialDate(first, last, text, bool(found.group(4)))


def is_date(value: Any) -> bool:
    """Tell whether a value is a partial date or an open end."""
    return value == OPEN or parse(value) is not None


def parse_day(value: Any) -> date | None:
    """Return a full date, or None where the day is missing; a time may follow."""
    text = str(value).strip().replace("T", " ").partition(" ")[0]
    found = parse(text)
    return found.first if found and found.is_day and not found.approximate else None


def is_past(value: Any, today: date) -> bool:
    """Tell whether a date, as far as it is known, lies wholly before today."""
    found = parse(value)
    return found is not None and found.last < today


def ends_before_it_starts(since: Any, until: Any) -> bool:
    """Tell whether an end lies wholly before its start."""
    start, end = parse(since), parse(until)
    return start is not None and end is not None and end.last < start.first


def overlap(a: tuple[Any, Any], b: tuple[Any, Any]) -> bool:
    """Tell whether two (since, until) stretches surely share a day."""
    starts = [parse(one[0]) for one in (a, b)]
    ends = [parse(one[1]) for one in (a, b)]
    latest_start = max((s.last for s in starts if s), default=date.min)
    earliest_end = min((e.first for e in ends if e), default=date.max)
    return latest_start <= earliest_end
