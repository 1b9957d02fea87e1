"""Checks of single fields: each returns the problems of one value.

A value that is wrong in kind gets one plain sentence and is looked at no further.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeGuard

from wiki import ERROR, WARNING, Problem

from . import dates, words

MAX_SUMMARY, MAX_TITLE = 280, 200

_URL = re.compile(r"(?:https?://[^\s/]|mailto:\S|tel:\S|geo:\S)\S*\Z", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}\Z")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+\Z")
_AUDIENCE = re.compile(r"(?:public|members|admins|group:\S.{0,200})\Z")

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


def is_audience(value: Any) -> bool:
    return isinstance(value, str) and bool(_AUDIENCE.match(value))


def is_url(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(_URL.match(value))


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
        return [] if dates.is_date(value) else [_no_date(field, value)]

    return check


def _no_date(field: str, value: Any) -> Problem:
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
            yield _no_date(field, item[key])
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
        return [_no_date("verified", value)]
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


# -- lists of items


def each(field: str, check: Callable[[Mapping[str, Any]], Iterable[Problem]]) -> Check:
    """Return a check of a list of items, with their audiences and dates."""

    def check_all(value: Any) -> list[Problem]:
        found: list[Problem] = []
        for item in items(value):
            if not isinstance(item, Mapping):
                message = (
                    "Each entry of “%(field)s” is a set of “key: value” lines, "
                    "not “%(value)s”."
                )
                found.append(error(field, message, field=field, value=shown(item)))
                continue
            found += check(item)
            found += check_period(field, item)
            if "audience" in item:
                found += check_audience(field, item["audience"])
        return found

    return check_all


def concept_of(item: Mapping[str, Any]) -> str:
    """Return what a value or a goal is about, its text where it has no concept."""
    return shown(item.get("concept") or item.get("text") or "")


def check_stance(field: str) -> Check:
    def check(item: Mapping[str, Any]) -> Iterator[Problem]:
        if not word(item.get("stance"), words.STANCES):
            yield error(
                field,
                "Say where the group stands on '%(x)s': support, oppose or neutral.",
                x=concept_of(item),
            )

    each_stance = each(field, check)

    def check_all(value: Any) -> list[Problem]:
        return [*each_stance(value), *_stated_twice(field, value)]

    return check_all


def _stated_twice(field: str, value: Any) -> Iterator[Problem]:
    stances: dict[str, set[Any]] = {}
    for item in maps(value):
        if item.get("concept"):
            stances.setdefault(str(item["concept"]), set()).add(str(item.get("stance")))
    for concept, found in stances.items():
        if len(found) > 1:
            message = "'%(x)s' is stated twice with different stances."
            yield error(field, message, x=shown(concept))


def check_goals(value: Any) -> list[Problem]:
    found = check_stance("goals")(value)
    for item in maps(value):
        if bool(item.get("concept")) == bool(item.get("text")):
            message = "A goal names either a concept or a text, one of the two."
            found.append(error("goals", message))
        elif item.get("text"):
            found.append(
                warning(
                    "goals",
                    "A goal written as free text is not compared with other groups. "
                    "Link it to a concept to include it.",
                )
            )
    return found


def check_texts(field: str) -> Check:
    """Return a check that each item says something."""

    def check(item: Mapping[str, Any]) -> Iterator[Problem]:
        if not item.get("text"):
            yield error(field, "Say in a few words what it is.")

    return each(field, check)


def check_asks(value: Any) -> list[Problem]:
    found = each("asks", _check_ask)(value)
    ids = Counter(str(item["id"]) for item in maps(value) if item.get("id"))
    for name, count in ids.items():
        if count > 1:
            message = "Two asks have the id '%(x)s'. Give each its own."
            found.append(error("asks", message, x=shown(name)))
    return found


def _check_ask(item: Mapping[str, Any]) -> Iterator[Problem]:
    text = item.get("text")
    if not text:
        yield error("asks", "Write the ask as one sentence: who should do what.")
    elif isinstance(text, str) and len(text) > MAX_SUMMARY:
        message = "An ask has %(n)d characters; 280 is the limit."
        yield error("asks", message, n=len(text))
    deadline = item.get("deadline")
    if deadline is not None and dates.parse_day(deadline) is None:
        if dates.parse(deadline):
            yield error("asks", "A deadline needs a day.")
        else:
            yield _no_date("asks", deadline)
    yield from one_of("asks", "Status", words.ASK_STATUSES)(item.get("status", "open"))
    for who in items(item.get("who")):
        if not word(who, words.ASK_WHO) and "/" not in str(who):
            message = "Who is asked must be one of: %(choices)s, or names of groups."
            yield error("asks", message, choices=", ".join(words.ASK_WHO))
    if item.get("url"):
        yield from check_url("asks", item["url"])


def check_membership(field: str, other: str) -> Check:
    """Return a check of memberships (``other`` is ``in``) or members (``group``)."""

    def check(item: Mapping[str, Any]) -> Iterator[Problem]:
        if not isinstance(item.get(other), str) or not item[other]:
            message = "A membership names the page of the other group."
            yield error(field, message)
        level = item.get("level")
        if level is not None and not is_level(level):
            yield error(field, "Level must be a whole number from 0 to 5.")
        yield from one_of(field, "Stated", words.STATED)(item.get("stated", "self"))
        if item.get("stated") == "observer" and not item.get("source"):
            yield error(
                field,
                "You are adding this on behalf of another group. "
                "Say where it is stated.",
            )

    return each(field, check)


def is_level(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 5


def _check_relation(item: Mapping[str, Any]) -> Iterator[Problem]:
    kind = words.relation_kind(item.get("kind"))
    yield from one_of("relations", "The kind of a relation", words.RELATIONS)(kind)
    if not item.get("to"):
        yield error("relations", "A relation names the page of the other group.")
    if kind == "opposes" and not item.get("source"):
        yield warning("relations", "Say where it is stated that they oppose this.")


check_relations = each("relations", _check_relation)


def _check_log(item: Mapping[str, Any]) -> Iterator[Problem]:
    if dates.parse(item.get("date")) is None:
        yield error("log", "An entry of the log needs its date.")
    if item.get("kind") is not None:
        yield from one_of("log", "Kind", words.LOG_KINDS)(item["kind"])


check_log = each("log", _check_log)


def _check_contact(item: Mapping[str, Any]) -> Iterator[Problem]:
    yield from one_of("contacts", "Kind", words.CONTACT_KINDS)(item.get("kind"))
    if not item.get("value"):
        yield error("contacts", "A contact needs its address or number (value).")
    if item.get("person") and not item.get("consent_on"):
        yield warning(
            "contacts",
            "A contact with a person's name needs the date they agreed (consent_on), "
            "or use a role such as 'intake'.",
        )
    if item.get("valid_until") is not None and not dates.is_date(item["valid_until"]):
        yield _no_date("contacts", item["valid_until"])


check_contacts = each("contacts", _check_contact)


def _check_count(item: Mapping[str, Any]) -> Iterator[Problem]:
    count = item.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        yield error("counts", "A count is a whole number, 0 or more.")


check_counts = each("counts", _check_count)


def _check_opposes(item: Mapping[str, Any]) -> Iterator[Problem]:
    if not item.get("reason"):
        yield error(
            "opposes",
            "Say why these two cannot both be had. Others will read this.",
        )


check_opposes = each("opposes", _check_opposes)
