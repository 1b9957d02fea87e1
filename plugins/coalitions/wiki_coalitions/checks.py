"""Checks of single fields: each returns the problems of one value.

A value that is wrong in kind gets one plain sentence and is looked at no further.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeGuard

from wiki import ERROR, WARNING, Problem, is_audience

from . import dates, words

MAX_SUMMARY, MAX_TITLE = 280, 200

_URL = re.compile(r"(?:https?://[^\s/]|mailto:\S|tel:\S|geo:\S)\S*\Z", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}\Z")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+\Z")

Check = Callable[[Any], list[Problem]]


def error(field: str, message: str, /, **params: Any) -> Problem:
    return Problem(ERROR, field, message, params=params)


def warning(field: str, message: str, /, **params: Any) -> Problem:
    return Problem(WARNING, field, message, params=params)


def shown(value: Any) -> str:
    """Return a value as a sentence quotes it."""
    return str(value)[:80]


def items(value: Any) -> list[Any]:
    """Return the items of a list field; a single value counts as a list of one."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def maps(value: Any) -> list[Mapping[str, Any]]:
    """Return the items of a list field that are sets of "key: value" lines."""
    return [item for item in items(value) if isinstance(item, Mapping)]


def word(value: Any, allowed: Iterable[str]) -> str:
    """Return a value that is one of the allowed words, else an empty string."""
    return value if isinstance(value, str) and value in allowed else ""


def is_url(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(_URL.match(value))


def is_level(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 5


# -- texts, words, dates, addresses


def size_of(field: str, limit: int, message: str) -> Check:
    """Return a check that a text, in every language, keeps to its limit."""

    def check(value: Any) -> list[Problem]:
        texts = value.values() if isinstance(value, Mapping) else [value]
        return [
            error(field, message, n=len(text))
            for text in texts
            if isinstance(text, str) and len(text) > limit
        ]

    return check


def one_of(field: str, label: str, allowed: Iterable[str]) -> Check:
    """Return a check that lists the allowed words."""
    known = tuple(allowed)

    def check(value: Any) -> list[Problem]:
        return [
            error(
                field,
                "%(field)s must be one of: %(choices)s.",
                field=label,
                choices=", ".join(known),
            )
            for item in items(value)
            if item not in known
        ]

    return check


def check_date(field: str) -> Check:
    def check(value: Any) -> list[Problem]:
        return [] if dates.is_date(value) else [no_date(field, value)]

    return check


def no_date(field: str, value: Any) -> Problem:
    return error(
        field,
        "'%(value)s' is not a date. Write 2017, 2017-01 or 2017-01-20; "
        "add ~ if approximate.",
        value=shown(value),
    )


def check_period(field: str, item: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with ``since``, ``until`` and ``on`` of an item."""
    for key in ("since", "until", "on"):
        if item.get(key) is not None and not dates.is_date(item[key]):
            yield no_date(field, item[key])
    if dates.ends_before_it_starts(item.get("since"), item.get("until")):
        yield error(
            field,
            "The end (%(until)s) is before the start (%(since)s).",
            until=shown(item["until"]),
            since=shown(item["since"]),
        )


def check_url(field: str, value: Any) -> list[Problem]:
    if is_url(value):
        return []
    message = "'%(value)s' is not a web address this wiki accepts."
    return [error(field, message, value=shown(value))]


def check_one_url(field: str) -> Check:
    return lambda value: check_url(field, value)


def check_links(value: Any) -> list[Problem]:
    """Check a list of addresses, or of {url, label}."""
    found: list[Problem] = []
    for item in items(value):
        url = item.get("url") if isinstance(item, Mapping) else item
        found += check_url("links", url)
    return found


def check_languages(value: Any) -> list[Problem]:
    return [
        error(
            "languages",
            "'%(x)s' is not a language code (examples: en, es, so).",
            x=shown(item),
        )
        for item in items(value)
        if not _LANGUAGE.match(str(item))
    ]


def check_names(field: str) -> Check:
    """Return a check for the same name given twice."""

    def check(value: Any) -> list[Problem]:
        names = [i.get("name") if isinstance(i, Mapping) else i for i in items(value)]
        shown = {str(name).casefold(): str(name) for name in reversed(names)}
        count = Counter(str(name).casefold() for name in names)
        twice = [shown[name] for name, n in count.items() if n > 1]
        return [warning(field, "'%(value)s' is given twice.", value=n) for n in twice]

    return check


def check_verified(value: Any) -> list[Problem]:
    day = dates.parse_day(value)
    if day is None:
        return [no_date("verified", value)]
    # The day may have begun already where the editor is.
    if day.toordinal() > date.today().toordinal() + 1:
        return [error("verified", "The check date is in the future.")]
    return []


def check_verified_by(value: Any) -> list[Problem]:
    if isinstance(value, str) and _EMAIL.match(value.strip()):
        message = "Use a role or alias, not an email address."
        return [warning("verified_by", message)]
    return []


def check_audiences(value: Any) -> list[Problem]:
    """Check a map from field to audience."""
    every = value.values() if isinstance(value, Mapping) else [value]
    return [problem for one in every for problem in check_audience("audiences", one)]


def check_audience(field: str, value: Any) -> list[Problem]:
    if is_audience(value):
        return []
    return [
        error(
            field,
            "'%(x)s' is not an audience. Use public, members, admins or group:<name>.",
            x=shown(value),
        )
    ]


def check_location(value: Any) -> list[Problem]:
    """Check {lat, lon, precision}."""
    if not isinstance(value, Mapping):
        message = "A location is written as {lat: 44.9, lon: -93.1, precision: city}."
        return [error("location", message)]
    found = []
    if not _within(value.get("lat"), 90):
        found.append(error("location", "Latitude must be between −90 and 90."))
    if not _within(value.get("lon"), 180):
        found.append(error("location", "Longitude must be between −180 and 180."))
    precision = value.get("precision", "city")
    found += one_of("location", "Precision", words.PRECISIONS)(precision)
    if precision == "exact" and value.get("audience") == "public":
        message = "An exact place can only be shown to members or fewer."
        found.append(error("location", message))
    return found


def _within(value: Any, limit: int) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and -limit <= value <= limit
