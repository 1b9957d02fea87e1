"""Checks of list fields: values, goals, asks, memberships, relations, contacts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from wiki import Problem

from . import dates, words
from .checks import (
    MAX_SUMMARY,
    Check,
    check_audience,
    check_period,
    check_url,
    error,
    is_level,
    items,
    maps,
    no_date,
    one_of,
    shown,
    warning,
    word,
)


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
            yield no_date("asks", deadline)
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
        yield no_date("contacts", item["valid_until"])


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
